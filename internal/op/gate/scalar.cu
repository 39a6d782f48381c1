// Twin of op.go.
#include "device.cuh"

template <typename T>
DEVICE void mul(int n, T* out, const T* x, const T* alpha) {
  EACH(i, n) out[i] = *alpha * x[i];
}

// inner stores ⟨x, y⟩: one block.
template <typename T>
DEVICE void inner(int n, T* out, const T* x, const T* y) {
  double s = row_sum(n, [=](int i) { return (double)x[i] * y[i]; });
  if (thread() == 0) *out = s;
}

#define KERNELS(T, S)                                                                           \
  KERNEL scalar_mul_##S(int n, T* out, const T* x, const T* alpha) { mul(n, out, x, alpha); } \
  KERNEL scalar_inner_##S(int n, T* out, const T* x, const T* y) { inner(n, out, x, y); }
BOTH(KERNELS)
