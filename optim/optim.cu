// Twin of kernel.go: one thread an element.
#include "device.cuh"

template <typename T>
DEVICE void axpy(int n, T* y, const T* x, T a) {
  EACH(k, n) y[k] += a * x[k];
}

template <typename T>
DEVICE void scale(int n, T* x, double a) {
  EACH(k, n) x[k] = a * x[k];
}

template <typename T>
DEVICE void clamp(int n, T* x, T hi) {
  EACH(k, n) x[k] = x[k] > hi ? hi : x[k] < -hi ? -hi : x[k];
}

template <typename T>
DEVICE void average(int n, T* a, const T* x, T w) {
  EACH(k, n) a[k] = w == 1 ? x[k] : a[k] + w * (x[k] - a[k]);
}

template <typename T>
DEVICE void descend(int n, T* p, const T* g, T lr, T l2) {
  EACH(k, n) p[k] -= lr * (g[k] + l2 * p[k]);
}

// A Momentum is the host's momentumStep.
template <typename T>
struct Momentum {
  T keep, add, grad, trace;
};

template <typename T>
DEVICE T element(Momentum<T> c, T g, T* m) {
  *m = c.keep * *m + c.add * g;
  return c.grad * g + c.trace * *m;
}

template <typename T>
DEVICE void momentum(int n, T* u, T* m, Momentum<T> c) {
  EACH(k, n) u[k] = element(c, u[k], &m[k]);
}

template <typename T>
DEVICE void descend_momentum(int n, T* p, const T* g, T* m, T lr, T l2, Momentum<T> c) {
  EACH(k, n) p[k] -= lr * element(c, g[k] + l2 * p[k], &m[k]);
}

// An Adam is the host's adamStep.
template <typename T>
struct Adam {
  T w1, b2, w2, root, eps;
};

template <typename T>
DEVICE T element(Adam<T> c, T g, T* m, T* v) {
  *m += c.w1 * (g - *m);
  *v = c.b2 * *v + c.w2 * g * g;
  return *m / ((T)root(*v) * c.root + c.eps);
}

template <typename T>
DEVICE void moments(int n, T* u, T* m, T* v, T a, Adam<T> c) {
  EACH(k, n) u[k] = a * element(c, u[k], &m[k], &v[k]);
}

template <typename T>
DEVICE void descend_adam(int n, T* p, const T* g, T* m, T* v, T lr, T l2, T keep, Adam<T> c) {
  EACH(k, n) {
    T x = p[k];
    p[k] = keep * x - lr * element(c, g[k] + l2 * x, &m[k], &v[k]);
  }
}

// not_finite stores 1 + where the first element is that is NaN or infinite, or 0:
// one block.
template <typename T>
DEVICE void not_finite(int n, const T* x, double* out) {
  double found = n;
  LANE(k, n) if (k < found && x[k] - x[k] != 0) found = k;
  found = -block_max(-found);
  if (thread() == 0) *out = found < n ? found + 1 : 0;
}

// squares stores Σ (a·x)² in parts.
template <typename T>
DEVICE void squares(int n, const T* x, double* parts, double a) {
  partial_sums(n, parts, [=](int k) { return a * x[k] * (a * x[k]); });
}

// total stores the sum of the parts: one block.
DEVICE void total(int n, const double* parts, double* out) {
  double s = row_sum(n, [=](int k) { return parts[k]; });
  if (thread() == 0) *out = s;
}

// largest stores max |x|, NaN if there is one: one block.
template <typename T>
DEVICE void largest(int n, const T* x, double* out) {
  double hi = 0;
  LANE(k, n) hi = larger(x[k] < 0 ? -(double)x[k] : (double)x[k], hi);
  hi = block_max(hi);
  if (thread() == 0) *out = hi;
}

#define KERNELS(T, S)                                                                                                       \
  KERNEL optim_axpy_##S(int n, T* y, const T* x, T a) { axpy(n, y, x, a); }                                                 \
  KERNEL optim_scale_##S(int n, T* x, double a) { scale(n, x, a); }                                                         \
  KERNEL optim_clamp_##S(int n, T* x, T hi) { clamp(n, x, hi); }                                                            \
  KERNEL optim_average_##S(int n, T* a, const T* x, T w) { average(n, a, x, w); }                                           \
  KERNEL optim_descend_##S(int n, T* p, const T* g, T lr, T l2) { descend(n, p, g, lr, l2); }                               \
  KERNEL optim_momentum_##S(int n, T* u, T* m, T keep, T add, T grad, T trace) {                                            \
    momentum(n, u, m, Momentum<T>{keep, add, grad, trace});                                                                 \
  }                                                                                                                         \
  KERNEL optim_descend_momentum_##S(int n, T* p, const T* g, T* m, T lr, T l2, T keep, T add, T grad, T trace) {            \
    descend_momentum(n, p, g, m, lr, l2, Momentum<T>{keep, add, grad, trace});                                              \
  }                                                                                                                         \
  KERNEL optim_moments_##S(int n, T* u, T* m, T* v, T a, T w1, T b2, T w2, T root, T eps) {                                 \
    moments(n, u, m, v, a, Adam<T>{w1, b2, w2, root, eps});                                                                 \
  }                                                                                                                         \
  KERNEL optim_descend_adam_##S(int n, T* p, const T* g, T* m, T* v, T lr, T l2, T keep, T w1, T b2, T w2, T root, T eps) { \
    descend_adam(n, p, g, m, v, lr, l2, keep, Adam<T>{w1, b2, w2, root, eps});                                              \
  }                                                                                                                         \
  KERNEL optim_not_finite_##S(int n, const T* x, double* out) { not_finite(n, x, out); }                                    \
  KERNEL optim_squares_##S(int n, const T* x, double* parts, double a) { squares(n, x, parts, a); }                         \
  KERNEL optim_total_##S(int n, const double* parts, double* out) { total(n, parts, out); }                                 \
  KERNEL optim_largest_##S(int n, const T* x, double* out) { largest(n, x, out); }
BOTH(KERNELS)
