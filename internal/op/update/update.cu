// Twin of kernel.go: every kernel is on all tensors of a table, whose operands are p, g
// and what is remembered; c are the numbers of the step.
#include "device.cuh"

template <typename T>
DEVICE void decay(int parts, const Part<T>* table, const double* c) {
  double a = c[0];
  each_part(parts, table, [=](Part<T> t, int k) {
    if (t.factor != 0) t.at[1][k] += (T)(a * t.factor) * t.at[0][k];
  });
}

template <typename T>
DEVICE void scale(int parts, const Part<T>* table, const double* c) {
  double a = c[0];
  each_part(parts, table, [=](Part<T> t, int k) { t.at[1][k] = a * t.factor * t.at[1][k]; });
}

template <typename T>
DEVICE void clamp(int parts, const Part<T>* table, const double* c) {
  T hi = c[0];
  each_part(parts, table, [=](Part<T> t, int k) {
    T x = t.at[1][k];
    t.at[1][k] = x > hi ? hi : x < -hi ? -hi : x;
  });
}

template <typename T>
DEVICE void momentum(int parts, const Part<T>* table, const double* c) {
  T keep = c[0], add = c[1], grad = c[2], trace = c[3];
  each_part(parts, table, [=](Part<T> t, int k) {
    T g = t.at[1][k], m = keep * t.at[2][k] + add * g;
    t.at[1][k] = grad * g + trace * m;
    t.at[2][k] = m;
  });
}

template <typename T>
DEVICE void moments(int parts, const Part<T>* table, const double* c) {
  T a = c[0], w1 = c[1], b2 = c[2], w2 = c[3], root_inverse = c[4], eps = c[5];
  each_part(parts, table, [=](Part<T> t, int k) {
    T g = t.at[1][k], m = t.at[2][k], v = t.at[3][k];
    m += w1 * (g - m);
    v = b2 * v + w2 * g * g;
    t.at[1][k] = a * (m / ((T)root(v) * root_inverse + eps));
    t.at[2][k] = m;
    t.at[3][k] = v;
  });
}

template <typename T>
DEVICE void subtract(int parts, const Part<T>* table, const double*) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[0][k] -= t.at[1][k]; });
}

template <typename T>
DEVICE void descend(int parts, const Part<T>* table, const double* c) {
  T lr = c[0];
  double l2 = c[1];
  each_part(parts, table, [=](Part<T> t, int k) {
    T p = t.at[0][k];
    t.at[0][k] = p - lr * (t.at[1][k] + (T)(l2 * t.factor) * p);
  });
}

template <typename T>
DEVICE void descend_momentum(int parts, const Part<T>* table, const double* c) {
  T lr = c[0], keep = c[2], add = c[3], grad = c[4], trace = c[5];
  double l2 = c[1];
  each_part(parts, table, [=](Part<T> t, int k) {
    T p = t.at[0][k], g = t.at[1][k] + (T)(l2 * t.factor) * p, m = keep * t.at[2][k] + add * g;
    t.at[0][k] = p - lr * (grad * g + trace * m);
    t.at[2][k] = m;
  });
}

template <typename T>
DEVICE void average(int parts, const Part<T>* table, const double* c) {
  T w = c[0];
  each_part(parts, table, [=](Part<T> t, int k) {
    T a = t.at[1][k], x = t.at[0][k];
    t.at[1][k] = w == 1 ? x : a + w * (x - a);
  });
}

template <typename T>
DEVICE void exchange(int parts, const Part<T>* table, const double*) {
  each_part(parts, table, [=](Part<T> t, int k) {
    T a = t.at[0][k];
    t.at[0][k] = t.at[1][k];
    t.at[1][k] = a;
  });
}

template <typename T>
DEVICE void copy(int parts, const Part<T>* table, const double*) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[2][k] = t.at[1][k]; });
}

// not_finite stores, for each part, the number of the first element that is NaN or
// infinite, or infinity.
template <typename T>
DEVICE void not_finite(int parts, const Part<T>* table, double* out) {
  ROW(j, parts) {
    Part<T> t = table[j];
    double found = infinity();
    LANE(k, (int)t.n) if (t.first + k < found && t.at[1][k] - t.at[1][k] != 0) found = t.first + k;
    found = -block_max(-found);
    if (thread() == 0) out[j] = found;
  }
}

// squares stores Σ (a·x)² of each part.
template <typename T>
DEVICE void squares(int parts, const Part<T>* table, double a, double* out) {
  ROW(j, parts) {
    Part<T> t = table[j];
    double s = row_sum((int)t.n, [=](int k) { return a * t.at[1][k] * (a * t.at[1][k]); });
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
      double x = t.at[1][k];
      hi = larger(x < 0 ? -x : x, hi);
    }
    hi = block_max(hi);
    if (thread() == 0) out[j] = hi;
  }
}

// total, least and greatest make one number of those of all parts: one block.
DEVICE void total(int n, double* out, const double* x) {
  double s = row_sum(n, [=](int k) { return x[k]; });
  if (thread() == 0) *out = s;
}

DEVICE void least(int n, double* out, const double* x) {
  double lo = infinity();
  LANE(k, n) lo = x[k] < lo ? x[k] : lo;
  lo = -block_max(-lo);
  if (thread() == 0) *out = lo;
}

DEVICE void greatest(int n, double* out, const double* x) {
  double hi = 0;
  LANE(k, n) hi = larger(x[k], hi);
  hi = block_max(hi);
  if (thread() == 0) *out = hi;
}

#define STEP(NAME, T, S) \
  KERNEL update_##NAME##_##S(int n, const Part<T>* t, const double* c) { NAME(n, t, c); }
#define KERNELS(T, S)                                                                                              \
  STEP(decay, T, S)                                                                                                \
  STEP(scale, T, S)                                                                                                \
  STEP(clamp, T, S)                                                                                                \
  STEP(momentum, T, S)                                                                                             \
  STEP(moments, T, S)                                                                                              \
  STEP(subtract, T, S)                                                                                             \
  STEP(descend, T, S)                                                                                              \
  STEP(descend_momentum, T, S)                                                                                     \
  STEP(average, T, S)                                                                                              \
  STEP(exchange, T, S)                                                                                             \
  STEP(copy, T, S)                                                                                                 \
  KERNEL update_squares_##S(int n, const Part<T>* t, const double* c, double* out) { squares(n, t, c[0], out); }   \
  KERNEL update_largest_##S(int n, const Part<T>* t, const double*, double* out) { largest(n, t, out); }           \
  KERNEL update_not_finite_##S(int n, const Part<T>* t, const double*, double* out) { not_finite(n, t, out); }     \
  KERNEL update_squares_of_##S(int n, double* out, const double* x) { total(n, out, x); }                          \
  KERNEL update_largest_of_##S(int n, double* out, const double* x) { greatest(n, out, x); }                       \
  KERNEL update_not_finite_of_##S(int n, double* out, const double* x) { least(n, out, x); }
BOTH(KERNELS)
