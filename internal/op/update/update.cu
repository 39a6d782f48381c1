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

// clip multiplies by what clipping has found.
template <typename T>
DEVICE void clip(int parts, const Part<T>* table, const double* gate) {
  double a = gate[1];
  if (a >= 1) return;
  each_part(parts, table, [=](Part<T> t, int k) { t.at[1][k] = a * t.at[1][k]; });
}

// found closes a gate for an element of all tensors.
DEVICE void found(double* gate, u64* status, long long element, double value) {
  gate[0] = 0;
  report(status, element < 0xffffffffll ? (int)(unsigned)element : -1, (float)value);
}

template <typename T>
DEVICE void not_finite(int parts, const Part<T>* table, double* gate, u64* status) {
  each_part(parts, table, [=](Part<T> t, int k) {
    T x = t.at[1][k];
    if (x - x != 0) found(gate, status, t.first + k, x);
  });
}

template <typename T>
DEVICE void overflow(int parts, const Part<T>* table, const double* c, double* gate, u64* status) {
  T keep = c[0], add = c[1];
  double l2 = c[2];
  each_part(parts, table, [=](Part<T> t, int k) {
    T g = t.at[1][k] + (T)(l2 * t.factor) * t.at[0][k], v = keep * t.at[2][k] + add * g * g;
    if (v - v != 0) found(gate, status, t.first + k, g);
  });
}

// Of a norm, see GateSize: sum, exponent and scaled_sum are of one block, and make one
// number of those of all parts.
DEVICE bool is_safe(double sum) { return sum > 1e-280 && sum <= 1.7976931348623157e308; }

// power returns 2ᵉ, e from −1000 to 1000.
DEVICE double power(double e) { return __builtin_bit_cast(double, (u64)((int)e + 1023) << 52); }

template <typename T>
DEVICE void squares(int parts, const Part<T>* table, double a, double* out) {
  ROW(j, parts) {
    Part<T> t = table[j];
    double s = row_sum((int)t.n, [=](int k) { return a * t.at[1][k] * (a * t.at[1][k]); });
    if (thread() == 0) out[j] = s;
  }
}

DEVICE void sum(double* norm, int n, const double* x) {
  double s = row_sum(n, [=](int k) { return x[k]; });
  if (thread() != 0) return;
  norm[0] = s;
  norm[1] = 0;
  norm[2] = !is_safe(s);
}

// largest stores max |x| of each part, NaN if there is one.
template <typename T>
DEVICE void largest(int parts, const Part<T>* table, const double* norm, double* out) {
  if (norm[2] == 0) return;
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

DEVICE void exponent(double* norm, int n, const double* x) {
  if (norm[2] == 0) return;
  double hi = 0;
  LANE(k, n) hi = larger(x[k], hi);
  hi = block_max(hi);
  if (thread() != 0) return;
  norm[0] = hi;
  norm[2] = hi != 0 && hi - hi == 0;
  if (norm[2] == 0) return;
  int e = (int)(__builtin_bit_cast(u64, hi) >> 52) - 1022;
  norm[1] = e < -1000 ? -1000 : e > 1000 ? 1000 : e;
}

template <typename T>
DEVICE void scaled(int parts, const Part<T>* table, const double* norm, double* out) {
  if (norm[2] == 0) return;
  squares(parts, table, power(-norm[1]), out);
}

DEVICE void scaled_sum(double* norm, int n, const double* x) {
  if (norm[2] == 0) return;
  double s = row_sum(n, [=](int k) { return x[k]; });
  if (thread() == 0) norm[0] = s;
}

// norm_of returns the norm that sum, exponent and scaled_sum have left.
DEVICE double norm_of(const double* norm) { return root(norm[0]) * power(norm[1]); }

// clipping decides: c are the largest norm and the margin.
DEVICE void clipping(double* gate, const double* c, int dtypes, u64* status) {
  if (thread() != 0) return;
  double norm = norm_of(gate + 2);
  if (dtypes > 1) {
    double other = norm_of(gate + 5), hi = larger(norm, other), lo = hi == norm ? other : norm;
    norm = hi == 0 || hi - hi != 0 ? hi : hi * root(1 + lo / hi * (lo / hi));
  }
  if (norm - norm != 0) return found(gate, status, 0, norm);
  double factor = c[0] / (norm + 1e-6);
  gate[1] = factor >= 1 ? 1 : factor * (1 - c[1]);
}

#define STEP(NAME, T, S)                                                                            \
  KERNEL update_##NAME##_##S(int n, const Part<T>* t, const double* c, const double* gate) {        \
    if (gate && gate[0] == 0) return;                                                               \
    NAME(n, t, c);                                                                                  \
  }
#define KERNELS(T, S)                                                                               \
  STEP(decay, T, S)                                                                                 \
  STEP(scale, T, S)                                                                                 \
  STEP(clamp, T, S)                                                                                 \
  STEP(momentum, T, S)                                                                              \
  STEP(moments, T, S)                                                                               \
  STEP(subtract, T, S)                                                                              \
  STEP(descend, T, S)                                                                               \
  STEP(descend_momentum, T, S)                                                                      \
  STEP(average, T, S)                                                                               \
  STEP(exchange, T, S)                                                                              \
  STEP(copy, T, S)                                                                                  \
  KERNEL update_clip_##S(int n, const Part<T>* t, const double*, const double* gate) {              \
    if (gate[0] != 0) clip(n, t, gate);                                                             \
  }                                                                                                 \
  KERNEL update_open_##S(double* gate) {                                                            \
    if (thread() == 0) gate[0] = gate[1] = 1;                                                       \
  }                                                                                                 \
  KERNEL update_not_finite_##S(int n, const Part<T>* t, const double*, double* gate, u64* status) { \
    not_finite(n, t, gate, status);                                                                 \
  }                                                                                                 \
  KERNEL update_overflow_##S(int n, const Part<T>* t, const double* c, double* gate, u64* status) { \
    overflow(n, t, c, gate, status);                                                                \
  }                                                                                                 \
  KERNEL update_squares_##S(int n, const Part<T>* t, const double*, double*, int, double* out) {    \
    squares(n, t, 1, out);                                                                          \
  }                                                                                                 \
  KERNEL update_largest_##S(int n, const Part<T>* t, const double*, double* gate, int i, double* out) { \
    largest(n, t, gate + 2 + 3 * i, out);                                                           \
  }                                                                                                 \
  KERNEL update_scaled_##S(int n, const Part<T>* t, const double*, double* gate, int i, double* out) { \
    scaled(n, t, gate + 2 + 3 * i, out);                                                            \
  }                                                                                                 \
  KERNEL update_sum_##S(double* gate, int n, int i, const double* x) { sum(gate + 2 + 3 * i, n, x); } \
  KERNEL update_exponent_##S(double* gate, int n, int i, const double* x) { exponent(gate + 2 + 3 * i, n, x); } \
  KERNEL update_scaled_sum_##S(double* gate, int n, int i, const double* x) { scaled_sum(gate + 2 + 3 * i, n, x); } \
  KERNEL update_clipping_##S(double* gate, const double* c, int dtypes, u64* status) { clipping(gate, c, dtypes, status); }
BOTH(KERNELS)
