// Twin of kernel.go, but for the products, which are cuBLAS's.
#include "device.cuh"

// soft moves every element of x, n×d, towards 0 by the threshold of its column, l of
// them being d or 1, and stops there; a threshold below 0 moves it away from 0, where
// 0 itself stays. NaN stays NaN.
template <typename T>
DEVICE void soft(int n, int d, int l, T* x, const T* theta) {
  EACH(i, n * d) {
    T v = x[i], t = theta[i % d % l];
    x[i] = v > 0 && v > t ? v - t : v < 0 && -v > t ? v + t : 0 * v;
  }
}

// mask stores D where z is not 0; out may be D.
template <typename T>
DEVICE void mask(int n, T* out, const T* dout, const T* z) {
  EACH(i, n) out[i] = z[i] == 0 ? 0 : dout[i];
}

// pull returns −sgn(z)·D.
template <typename T>
DEVICE double pull(T dout, T z) {
  return z > 0 ? -(double)dout : z < 0 ? (double)dout : 0;
}

// theta_grad stores the sums over the rows.
template <typename T>
DEVICE void theta_grad(int n, int d, T* out, const T* dout, const T* z) {
  column_sums(n, d, [=](int i, int j) { return pull(dout[i * d + j], z[i * d + j]); }, [=](int j, double s) { out[j] = s; });
}

// total_grad stores the sum over all n elements: one block.
template <typename T>
DEVICE void total_grad(int n, T* out, const T* dout, const T* z) {
  double s = row_sum(n, [=](int i) { return pull(dout[i], z[i]); });
  if (thread() == 0) *out = s;
}

#define KERNELS(T, S)                                                                                                  \
  KERNEL unroll_soft_##S(int n, int d, int l, T* x, const T* theta) { soft(n, d, l, x, theta); }                       \
  KERNEL unroll_mask_##S(int n, T* out, const T* dout, const T* z) { mask(n, out, dout, z); }                          \
  KERNEL unroll_theta_grad_##S(int n, int d, T* out, const T* dout, const T* z) { theta_grad(n, d, out, dout, z); }    \
  KERNEL unroll_total_grad_##S(int n, T* out, const T* dout, const T* z) { total_grad(n, out, dout, z); }
BOTH(KERNELS)
