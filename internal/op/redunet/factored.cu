// Twin of factoredkernel.go. The α are on the device: products are cuBLAS's without
// them, and are multiplied after.
#include "device.cuh"

// factored overwrites uⱼ = wⱼBⱼ by αⱼ (z − uⱼ), j from 1.
template <typename T>
DEVICE void factored(int n, int k, int d, T* u, const T* z, const T* alpha) {
  EACH(at, n * k * d) {
    int c = at % d, j = at / d % k, i = at / (d * k), map = (i * (k + 1) + j + 1) * d + c;
    u[map] = alpha[j] * (z[i * d + c] - u[map]);
  }
}

// factored_grad_z adds Σⱼ αⱼ Dⱼ to dz.
template <typename T>
DEVICE void factored_grad_z(int n, int k, int d, T* dz, const T* dout, const T* alpha) {
  EACH(at, n * d) {
    int c = at % d, i = at / d;
    T sum = dz[at];
    for (int j = 0; j < k; j++) sum += alpha[j] * dout[(i * (k + 1) + j + 1) * d + c];
    dz[at] = sum;
  }
}

// scale multiplies n rows of d numbers, ld apart, by αⱼ.
template <typename T>
DEVICE void scale(int n, int d, int ld, T* x, const T* alpha, int j) {
  EACH(at, n * d) x[at / d * ld + at % d] *= alpha[j];
}

// factored_grad_alpha stores Σᵢ ⟨Dⱼᵢ, uⱼᵢ⟩/αⱼ: one block a class.
template <typename T>
DEVICE void factored_grad_alpha(int n, int k, int d, T* dalpha, const T* dout, const T* u, const T* alpha) {
  ROW(j, k) {
    double sum = row_sum(n * d, [=](int t) {
      int at = (t / d * (k + 1) + j + 1) * d + t % d;
      return (double)dout[at] * u[at];
    });
    if (thread() == 0) dalpha[j] = (T)sum / alpha[j];
  }
}

#define KERNELS(T, S)                                                                                                              \
  KERNEL redunet_factored_maps_##S(int n, int k, int d, T* u, const T* z, const T* alpha) { factored(n, k, d, u, z, alpha); }      \
  KERNEL redunet_factored_grad_z_##S(int n, int k, int d, T* dz, const T* dout, const T* alpha) {                                  \
    factored_grad_z(n, k, d, dz, dout, alpha);                                                                                     \
  }                                                                                                                                \
  KERNEL redunet_factored_scale_##S(int n, int d, int ld, T* x, const T* alpha, int j) { scale(n, d, ld, x, alpha, j); }           \
  KERNEL redunet_factored_grad_alpha_##S(int n, int k, int d, T* dalpha, const T* dout, const T* u, const T* alpha) {              \
    factored_grad_alpha(n, k, d, dalpha, dout, u, alpha);                                                                          \
  }
BOTH(KERNELS)
