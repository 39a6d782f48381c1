// Twin of kernel.go.
#include "device.cuh"

// total stores Σ |x|: one block.
template <typename T>
DEVICE void total(int n, T* out, const T* x) {
  double s = row_sum(n, [=](int i) { return x[i] < 0 ? -(double)x[i] : (double)x[i]; });
  if (thread() == 0) *out = s;
}

// grad stores D·sgn(x).
template <typename T>
DEVICE void grad(int n, T* out, const T* x, const T* dout) {
  EACH(i, n) out[i] = x[i] > 0 ? *dout : x[i] < 0 ? -*dout : 0 * x[i];
}

#define KERNELS(T, S)                                                                     \
  KERNEL norm1_total_##S(int n, T* out, const T* x) { total(n, out, x); }                 \
  KERNEL norm1_grad_##S(int n, T* out, const T* x, const T* dout) { grad(n, out, x, dout); }
BOTH(KERNELS)
