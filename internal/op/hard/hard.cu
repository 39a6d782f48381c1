// Twin of kernel.go. θ has l thresholds, d or 1, for n×d elements.
#include "device.cuh"

enum { BELOW, RAMP, ABOVE };

// part says where |u| = m lies.
DEVICE int part(double m, double theta, double sigma) { return m >= theta ? ABOVE : m > (1 - sigma) * theta ? RAMP : BELOW; }

DEVICE double magnitude(double v) { return v < 0 ? -v : v; }

template <typename T>
DEVICE void hard(int n, int d, int l, T* out, const T* u, const T* theta, double sigma) {
  EACH(i, n * d) {
    double v = u[i], t = theta[i % d % l], m = magnitude(v);
    int where = part(m, t, sigma);
    out[i] = where == ABOVE ? v : where == RAMP ? (v < 0 ? -1 : 1) * (m - (1 - sigma) * t) / sigma : 0 * v;
  }
}

template <typename T>
DEVICE void input_grad(int n, int d, int l, T* out, const T* dout, const T* u, const T* theta, double sigma) {
  EACH(i, n * d) {
    int where = part(magnitude(u[i]), theta[i % d % l], sigma);
    out[i] = where == ABOVE ? (double)dout[i] : where == RAMP ? dout[i] / sigma : 0;
  }
}

// pull returns what element i adds to ∂θ.
template <typename T>
DEVICE double pull(T dout, T u, T theta, double sigma) {
  if (part(magnitude(u), theta, sigma) != RAMP) return 0;
  return -dout * (u < 0 ? -1.0 : 1.0) * (1 - sigma) / sigma;
}

template <typename T>
DEVICE void theta_grad(int n, int d, T* out, const T* dout, const T* u, const T* theta, double sigma) {
  column_sums(n, d, [=](int i, int j) { return pull(dout[i * d + j], u[i * d + j], theta[j], sigma); }, [=](int j, double s) { out[j] = s; });
}

template <typename T>
DEVICE void total_grad(int n, T* out, const T* dout, const T* u, const T* theta, double sigma) {
  double s = row_sum(n, [=](int i) { return pull(dout[i], u[i], *theta, sigma); });
  if (thread() == 0) *out = s;
}

#define KERNELS(T, S)                                                                                                                 \
  KERNEL hard_hard_##S(int n, int d, int l, T* out, const T* u, const T* theta, double sigma) { hard(n, d, l, out, u, theta, sigma); } \
  KERNEL hard_input_grad_##S(int n, int d, int l, T* out, const T* dout, const T* u, const T* theta, double sigma) {                  \
    input_grad(n, d, l, out, dout, u, theta, sigma);                                                                                  \
  }                                                                                                                                   \
  KERNEL hard_theta_grad_##S(int n, int d, T* out, const T* dout, const T* u, const T* theta, double sigma) {                         \
    theta_grad(n, d, out, dout, u, theta, sigma);                                                                                     \
  }                                                                                                                                   \
  KERNEL hard_total_grad_##S(int n, T* out, const T* dout, const T* u, const T* theta, double sigma) {                                \
    total_grad(n, out, dout, u, theta, sigma);                                                                                        \
  }
BOTH(KERNELS)
