// Twin of kernel.go.
#include "device.cuh"

DEVICE double magnitude(double v) { return v < 0 ? -v : v; }

template <typename T>
DEVICE void times(int n, T* out, const T* x, const T* alpha) {
  EACH(i, n) out[i] = *alpha * x[i];
}

// inner stores ⟨x, y⟩: one block.
template <typename T>
DEVICE void inner(int n, T* out, const T* x, const T* y) {
  double s = row_sum(n, [=](int i) { return (double)x[i] * y[i]; });
  if (thread() == 0) *out = s;
}

template <typename T>
DEVICE void gate(int n, T* out, const T* x, const T* mu, const T* kappa) {
  EACH(i, n) out[i] = x[i] * (1 + *mu * exponential(-(double)*kappa * magnitude(x[i])));
}

template <typename T>
DEVICE void gate_grad(int n, T* out, const T* dout, const T* x, const T* mu, const T* kappa) {
  EACH(i, n) {
    double m = magnitude(x[i]);
    out[i] = dout[i] * (1 + *mu * exponential(-(double)*kappa * m) * (1 - *kappa * m));
  }
}

// gate_factor_grad stores ∂μ, or ∂κ if by_kappa: one block.
template <typename T>
DEVICE void gate_factor_grad(int n, T* out, const T* dout, const T* x, const T* mu, const T* kappa, int by_kappa) {
  double s = row_sum(n, [=](int i) {
    double m = magnitude(x[i]), by = (double)dout[i] * x[i] * exponential(-(double)*kappa * m);
    return by_kappa ? by * -(double)*mu * m : by;
  });
  if (thread() == 0) *out = s;
}

template <typename T>
DEVICE void overshoot(int n, T* out, const T* y, const T* x, const T* a, double eps) {
  EACH(i, n) {
    double r = (double)y[i] - x[i];
    out[i] = y[i] + *a * r / (magnitude(r) + eps);
  }
}

// overshoot_grad stores ∂y, if by_y, or ∂x.
template <typename T>
DEVICE void overshoot_grad(int n, T* out, const T* dout, const T* y, const T* x, const T* a, double eps, int by_y) {
  EACH(i, n) {
    double m = magnitude((double)y[i] - x[i]) + eps, dr = (double)dout[i] * *a * eps / (m * m);
    out[i] = by_y ? dout[i] + dr : -dr;
  }
}

// overshoot_factor_grad stores ∂a: one block.
template <typename T>
DEVICE void overshoot_factor_grad(int n, T* out, const T* dout, const T* y, const T* x, double eps) {
  double s = row_sum(n, [=](int i) {
    double r = (double)y[i] - x[i];
    return dout[i] * r / (magnitude(r) + eps);
  });
  if (thread() == 0) *out = s;
}

#define KERNELS(T, S)                                                                                                                   \
  KERNEL gain_times_##S(int n, T* out, const T* x, const T* alpha) { times(n, out, x, alpha); }                                         \
  KERNEL gain_inner_##S(int n, T* out, const T* x, const T* y) { inner(n, out, x, y); }                                                 \
  KERNEL gain_gate_##S(int n, T* out, const T* x, const T* mu, const T* kappa) { gate(n, out, x, mu, kappa); }                          \
  KERNEL gain_gate_grad_##S(int n, T* out, const T* dout, const T* x, const T* mu, const T* kappa) { gate_grad(n, out, dout, x, mu, kappa); } \
  KERNEL gain_gate_factor_grad_##S(int n, T* out, const T* dout, const T* x, const T* mu, const T* kappa, int by_kappa) {               \
    gate_factor_grad(n, out, dout, x, mu, kappa, by_kappa);                                                                             \
  }                                                                                                                                     \
  KERNEL gain_overshoot_##S(int n, T* out, const T* y, const T* x, const T* a, double eps) { overshoot(n, out, y, x, a, eps); }         \
  KERNEL gain_overshoot_grad_##S(int n, T* out, const T* dout, const T* y, const T* x, const T* a, double eps, int by_y) {              \
    overshoot_grad(n, out, dout, y, x, a, eps, by_y);                                                                                   \
  }                                                                                                                                     \
  KERNEL gain_overshoot_factor_grad_##S(int n, T* out, const T* dout, const T* y, const T* x, double eps) {                             \
    overshoot_factor_grad(n, out, dout, y, x, eps);                                                                                     \
  }
BOTH(KERNELS)
