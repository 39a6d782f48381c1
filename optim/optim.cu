// Twin of kernel.go.
#include "device.cuh"

// axpy, and all below, is on every parameter at once: a table of parts, whose
// operands are in the order of the host's arguments.
template <typename T>
DEVICE void axpy(int parts, const Part<T>* table, double a) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[0][k] += (T)a * t.at[1][k]; });
}

template <typename T>
DEVICE void scale(int parts, const Part<T>* table, double a) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[0][k] = a * t.factor * t.at[0][k]; });
}

template <typename T>
DEVICE void clamp(int parts, const Part<T>* table, double max) {
  T hi = max;
  each_part(parts, table, [=](Part<T> t, int k) {
    T x = t.at[0][k];
    t.at[0][k] = x > hi ? hi : x < -hi ? -hi : x;
  });
}

template <typename T>
DEVICE void average(int parts, const Part<T>* table, double weight) {
  T w = weight;
  each_part(parts, table, [=](Part<T> t, int k) {
    T a = t.at[0][k], x = t.at[1][k];
    t.at[0][k] = w == 1 ? x : a + w * (x - a);
  });
}

template <typename T>
DEVICE void exchange(int parts, const Part<T>* table) {
  each_part(parts, table, [=](Part<T> t, int k) {
    T a = t.at[0][k];
    t.at[0][k] = t.at[1][k];
    t.at[1][k] = a;
  });
}

// descend decays by l2 the parameters whose factor is 1, not those where it is 0.
template <typename T>
DEVICE void descend(int parts, const Part<T>* table, double rate, double l2) {
  T lr = rate;
  each_part(parts, table, [=](Part<T> t, int k) {
    T* p = t.at[0];
    p[k] -= lr * (t.at[1][k] + (T)(l2 * t.factor) * p[k]);
  });
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
DEVICE void momentum(int parts, const Part<T>* table, Momentum<T> c) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[0][k] = element(c, t.at[0][k], &t.at[1][k]); });
}

template <typename T>
DEVICE void descend_momentum(int parts, const Part<T>* table, double rate, double l2, Momentum<T> c) {
  T lr = rate;
  each_part(parts, table, [=](Part<T> t, int k) {
    T* p = t.at[0];
    p[k] -= lr * element(c, t.at[1][k] + (T)(l2 * t.factor) * p[k], &t.at[2][k]);
  });
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
DEVICE void moments(int parts, const Part<T>* table, double a, Adam<T> c) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[0][k] = (T)a * element(c, t.at[0][k], &t.at[1][k], &t.at[2][k]); });
}

// descend_adam decays by l2 and by keep the parameters whose factor is 1.
template <typename T>
DEVICE void descend_adam(int parts, const Part<T>* table, double rate, double l2, double keep, Adam<T> c) {
  T lr = rate;
  each_part(parts, table, [=](Part<T> t, int k) {
    T x = t.at[0][k], kept = t.factor == 0 ? 1 : keep;
    t.at[0][k] = kept * x - lr * element(c, t.at[1][k] + (T)(l2 * t.factor) * x, &t.at[2][k], &t.at[3][k]);
  });
}

// not_finite stores, for each part, the number of the first element that is NaN or
// infinite, or infinity.
template <typename T>
DEVICE void not_finite(int parts, const Part<T>* table, double* out) {
  ROW(j, parts) {
    Part<T> t = table[j];
    double found = infinity();
    LANE(k, (int)t.n) if (t.first + k < found && t.at[0][k] - t.at[0][k] != 0) found = t.first + k;
    found = -block_max(-found);
    if (thread() == 0) out[j] = found;
  }
}

// squares stores Σ (a·x)² of each part.
template <typename T>
DEVICE void squares(int parts, const Part<T>* table, double* out, double a) {
  ROW(j, parts) {
    Part<T> t = table[j];
    double s = row_sum((int)t.n, [=](int k) { return a * t.at[0][k] * (a * t.at[0][k]); });
    if (thread() == 0) out[j] = s;
  }
}

// largest stores max |x| of each part, NaN if there is one.
template <typename T>
DEVICE void largest(int parts, const Part<T>* table, double* out) {
  ROW(j, parts) {
    Part<T> t = table[j];
    double hi = 0;
    LANE(k, (int)t.n) {
      double x = t.at[0][k];
      hi = larger(x < 0 ? -x : x, hi);
    }
    hi = block_max(hi);
    if (thread() == 0) out[j] = hi;
  }
}

// total, least and greatest make one number of those of all parts: one block.
KERNEL optim_total(int n, const double* x, double* out) {
  double s = row_sum(n, [=](int k) { return x[k]; });
  if (thread() == 0) *out = s;
}

KERNEL optim_least(int n, const double* x, double* out) {
  double lo = infinity();
  LANE(k, n) lo = x[k] < lo ? x[k] : lo;
  lo = -block_max(-lo);
  if (thread() == 0) *out = lo;
}

KERNEL optim_greatest(int n, const double* x, double* out) {
  double hi = 0;
  LANE(k, n) hi = larger(x[k], hi);
  hi = block_max(hi);
  if (thread() == 0) *out = hi;
}

#define KERNELS(T, S)                                                                                                                       \
  KERNEL optim_axpy_##S(int n, const Part<T>* t, double a) { axpy(n, t, a); }                                                               \
  KERNEL optim_scale_##S(int n, const Part<T>* t, double a) { scale(n, t, a); }                                                             \
  KERNEL optim_clamp_##S(int n, const Part<T>* t, double hi) { clamp(n, t, hi); }                                                           \
  KERNEL optim_average_##S(int n, const Part<T>* t, double w) { average(n, t, w); }                                                         \
  KERNEL optim_exchange_##S(int n, const Part<T>* t) { exchange(n, t); }                                                                    \
  KERNEL optim_descend_##S(int n, const Part<T>* t, double lr, double l2) { descend(n, t, lr, l2); }                                        \
  KERNEL optim_momentum_##S(int n, const Part<T>* t, double keep, double add, double grad, double trace) {                                  \
    momentum(n, t, Momentum<T>{(T)keep, (T)add, (T)grad, (T)trace});                                                                        \
  }                                                                                                                                         \
  KERNEL optim_descend_momentum_##S(int n, const Part<T>* t, double lr, double l2, double keep, double add, double grad, double trace) {    \
    descend_momentum(n, t, lr, l2, Momentum<T>{(T)keep, (T)add, (T)grad, (T)trace});                                                        \
  }                                                                                                                                         \
  KERNEL optim_moments_##S(int n, const Part<T>* t, double a, double w1, double b2, double w2, double root, double eps) {                   \
    moments(n, t, a, Adam<T>{(T)w1, (T)b2, (T)w2, (T)root, (T)eps});                                                                        \
  }                                                                                                                                         \
  KERNEL optim_descend_adam_##S(int n, const Part<T>* t, double lr, double l2, double keep, double w1, double b2, double w2, double root,   \
                                double eps) {                                                                                               \
    descend_adam(n, t, lr, l2, keep, Adam<T>{(T)w1, (T)b2, (T)w2, (T)root, (T)eps});                                                        \
  }                                                                                                                                         \
  KERNEL optim_not_finite_##S(int n, const Part<T>* t, double* out) { not_finite(n, t, out); }                                              \
  KERNEL optim_squares_##S(int n, const Part<T>* t, double* out, double a) { squares(n, t, out, a); }                                       \
  KERNEL optim_largest_##S(int n, const Part<T>* t, double* out) { largest(n, t, out); }
BOTH(KERNELS)
