// Twin of kernel.go.
#include "device.cuh"

// total stores the sums of parts of (x − y)².
template <typename T>
DEVICE void total(int n, double* parts, const T* x, const T* y) {
  partial_sums(n, parts, [=](int i) {
    double e = (double)x[i] - y[i];
    return e * e;
  });
}

// finish stores c times the sum of the parts: one block.
template <typename T>
DEVICE void finish(int n, T* out, const double* parts, double c) {
  double s = row_sum(n, [=](int i) { return parts[i]; });
  if (thread() == 0) *out = c * s;
}

// grad stores D·c(x − y).
template <typename T>
DEVICE void grad(int n, T* out, const T* x, const T* y, const T* dout, double c) {
  T scale = c * *dout;
  EACH(i, n) out[i] = scale * (x[i] - y[i]);
}

#define KERNELS(T, S)                                                                                                     \
  KERNEL squarederror_total_##S(int n, double* parts, const T* x, const T* y) { total(n, parts, x, y); }                  \
  KERNEL squarederror_finish_##S(int n, T* out, const double* parts, double c) { finish(n, out, parts, c); }              \
  KERNEL squarederror_grad_##S(int n, T* out, const T* x, const T* y, const T* dout, double c) { grad(n, out, x, y, dout, c); }
BOTH(KERNELS)
