// Twin of kernel.go, but for the products, which are cuBLAS's.
#include "device.cuh"

// bias stores b in every row of out: what a product is added to.
template <typename T>
DEVICE void bias(int n, int d, T* out, const T* b) {
  EACH(i, n * d) out[i] = b[i % d];
}

// bias_grad stores Σᵢ D[i,j].
template <typename T>
DEVICE void bias_grad(int n, int d, T* out, const T* dout) {
  column_sums(n, d, [=](int i, int j) { return (double)dout[i * d + j]; }, [=](int j, double s) { out[j] = s; });
}

#define KERNELS(T, S)                                                                              \
  KERNEL linear_bias_##S(int n, int d, T* out, const T* b) { bias(n, d, out, b); }                 \
  KERNEL linear_bias_grad_##S(int n, int d, T* out, const T* dout) { bias_grad(n, d, out, dout); }
BOTH(KERNELS)
