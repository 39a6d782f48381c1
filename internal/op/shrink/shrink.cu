// Twin of kernel.go.
#include "device.cuh"

// soft moves every x towards zero by the theta of its column, m of them being d or
// 1, stops at zero, and stores it in out, which may be x. NaN stays NaN.
template <typename T>
DEVICE void soft(int n, int d, int m, T* out, const T* x, const T* theta) {
  EACH(i, n) {
    T v = x[i], t = theta[m > 1 ? i % d : 0];
    out[i] = v > t ? v - t : v < -t ? v + t : 0 * v;
  }
}

// input_grad stores D where y is not 0.
template <typename T>
DEVICE void input_grad(int n, T* out, const T* dout, const T* y) {
  EACH(i, n) out[i] = y[i] == 0 ? 0 : dout[i];
}

// pull returns −D·sgn(y).
template <typename T>
DEVICE double pull(T dout, T y) {
  return y > 0 ? -(double)dout : y < 0 ? (double)dout : 0;
}

// theta_grad stores the sums over the rows.
template <typename T>
DEVICE void theta_grad(int n, int d, T* out, const T* dout, const T* y) {
  column_sums(n, d, [=](int i, int j) { return pull(dout[i * d + j], y[i * d + j]); }, [=](int j, double s) { out[j] = s; });
}

// total_grad stores the sum over all n elements: one block.
template <typename T>
DEVICE void total_grad(int n, T* out, const T* dout, const T* y) {
  double s = row_sum(n, [=](int i) { return pull(dout[i], y[i]); });
  if (thread() == 0) *out = s;
}

#define KERNELS(T, S)                                                                                                 \
  KERNEL shrink_soft_##S(int n, int d, int m, T* out, const T* x, const T* theta) { soft(n, d, m, out, x, theta); }   \
  KERNEL shrink_input_grad_##S(int n, T* out, const T* dout, const T* y) { input_grad(n, out, dout, y); }             \
  KERNEL shrink_theta_grad_##S(int n, int d, T* out, const T* dout, const T* y) { theta_grad(n, d, out, dout, y); }   \
  KERNEL shrink_total_grad_##S(int n, T* out, const T* dout, const T* y) { total_grad(n, out, dout, y); }
BOTH(KERNELS)
