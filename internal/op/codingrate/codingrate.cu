// Twin of kernel.go, but for Gram matrices, factors and their inverses, which are
// cuBLAS's and cuSOLVER's.
#include "device.cuh"

// widen stores x in float64.
template <typename T>
DEVICE void widen(int n, double* out, const T* x) {
  EACH(i, n) out[i] = x[i];
}

// identity stores that of s×s.
DEVICE void identity(int s, double* l) {
  EACH(i, s * s) l[i] = i / s == i % s;
}

// check reports a pivot that is no positive number: what the features make of it that
// hold a NaN or an infinity, or are too large.
DEVICE void check(int s, const double* l, u64* status) {
  EACH(i, s) {
    double pivot = l[i * (s + 1)];
    if (!(pivot > 0 && pivot < infinity())) report(status, 0, 0);
  }
}

// rate stores ½ logdet(LLᵀ): one block.
template <typename T>
DEVICE void rate(int s, T* out, const double* l) {
  double sum = row_sum(s, [=](int i) { return logarithm(l[i * s + i]); });
  if (thread() == 0) *out = sum;
}

// narrow stores both triangles of c·inv, of which there is the lower one, rounded.
template <typename T>
DEVICE void narrow(int s, T* out, const double* inv, const T* dout, double c) {
  EACH(at, s * s) {
    int i = at / s, j = at % s;
    out[at] = c * *dout * inv[i > j ? at : j * s + i];
  }
}

#define KERNELS(T, S)                                                                                                               \
  KERNEL codingrate_widen_##S(int n, double* out, const T* x) { widen(n, out, x); }                                                 \
  KERNEL codingrate_identity_##S(int s, double* l) { identity(s, l); }                                                              \
  KERNEL codingrate_check_##S(int s, const double* l, u64* status) { check(s, l, status); }                                         \
  KERNEL codingrate_rate_##S(int s, T* out, const double* l) { rate(s, out, l); }                                                   \
  KERNEL codingrate_narrow_##S(int s, T* out, const double* inv, const T* dout, double c) { narrow(s, out, inv, dout, c); }
BOTH(KERNELS)
