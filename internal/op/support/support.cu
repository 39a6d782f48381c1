// Twin of kernel.go, but that a place in the order of magnitudes is found by counting
// how many are smaller: d² comparisons a row, all at once.
#include "device.cuh"

template <typename T>
DEVICE T magnitude(T v) {
  return v < 0 ? -v : v;
}

// order_statistic stores the magnitude of each row at place k of the ascending order,
// NaN if the row holds one.
template <typename T>
DEVICE void order_statistic(int n, int d, T* out, const T* x, int k) {
  ROW(i, n) {
    const T* row = x + i * d;
    double nans = row_sum(d, [=](int j) { return row[j] != row[j] ? 1.0 : 0.0; });
    if (nans > 0) {
      if (thread() == 0) out[i] = nan_();
      continue;
    }
    LANE(j, d) {
      int less = 0, equal = 0;  // equal ones count in the order of their places
      T m = magnitude(row[j]);
      for (int l = 0; l < d; l++) {
        T other = magnitude(row[l]);
        less += other < m;
        equal += other == m && l < j;
      }
      if (less + equal == k) out[i] = m;
    }
  }
}

template <typename T>
DEVICE void select(int n, int d, int l, T* out, const T* x, const T* theta, const T* tau) {
  EACH(at, n * d) {
    T v = x[at], t = theta[at % d % l], m = magnitude(v);
    out[at] = !(m > t) || v == 0 ? 0 * v : m > tau[at / d] ? v : v > 0 ? v - t : v + t;
  }
}

template <typename T>
DEVICE void input_grad(int n, int d, int l, T* out, const T* dout, const T* x, const T* theta) {
  EACH(at, n * d) {
    T v = x[at], t = theta[at % d % l];
    out[at] = (v > t && v > 0) || (v < -t && v < 0) ? dout[at] : 0;
  }
}

// pull returns what an element adds to ∂θ.
template <typename T>
DEVICE double pull(T dout, T v, T t, T tau) {
  if (v > 0 && v > t && !(v > tau)) return -(double)dout;
  if (v < 0 && -v > t && !(-v > tau)) return dout;
  return 0;
}

template <typename T>
DEVICE void theta_grad(int n, int d, T* out, const T* dout, const T* x, const T* theta, const T* tau) {
  column_sums(n, d, [=](int i, int j) { return pull(dout[i * d + j], x[i * d + j], theta[j], tau[i]); }, [=](int j, double s) { out[j] = s; });
}

template <typename T>
DEVICE void total_grad(int n, int d, T* out, const T* dout, const T* x, const T* theta, const T* tau) {
  double s = row_sum(n * d, [=](int at) { return pull(dout[at], x[at], *theta, tau[at / d]); });
  if (thread() == 0) *out = s;
}

// top keeps the s largest magnitudes of each row, of equal ones the first; least is
// the smallest of those kept.
template <typename T>
DEVICE void top(int n, int d, int s, T* out, const T* x, const T* least) {
  EACH(at, n * d) {
    const T* row = x + at / d * d;
    T v = x[at], m = magnitude(v), bar = least[at / d];
    bool keep = m > bar;
    if (m == bar) {
      int before = 0;  // larger ones, and equal ones that come first
      for (int l = 0; l < d; l++) before += magnitude(row[l]) > bar || (magnitude(row[l]) == bar && l < at % d);
      keep = before < s;
    }
    out[at] = keep ? v : 0 * v;
  }
}

template <typename T>
DEVICE void kept(int n, T* out, const T* dout, const T* y) {
  EACH(i, n) out[i] = y[i] == 0 ? 0 : dout[i];
}

#define KERNELS(T, S)                                                                                                                  \
  KERNEL support_order_statistic_##S(int n, int d, T* out, const T* x, int k) { order_statistic(n, d, out, x, k); }                    \
  KERNEL support_select_##S(int n, int d, int l, T* out, const T* x, const T* theta, const T* tau) { select(n, d, l, out, x, theta, tau); } \
  KERNEL support_input_grad_##S(int n, int d, int l, T* out, const T* dout, const T* x, const T* theta) {                              \
    input_grad(n, d, l, out, dout, x, theta);                                                                                          \
  }                                                                                                                                    \
  KERNEL support_theta_grad_##S(int n, int d, T* out, const T* dout, const T* x, const T* theta, const T* tau) {                       \
    theta_grad(n, d, out, dout, x, theta, tau);                                                                                        \
  }                                                                                                                                    \
  KERNEL support_total_grad_##S(int n, int d, T* out, const T* dout, const T* x, const T* theta, const T* tau) {                       \
    total_grad(n, d, out, dout, x, theta, tau);                                                                                        \
  }                                                                                                                                    \
  KERNEL support_top_##S(int n, int d, int s, T* out, const T* x, const T* least) { top(n, d, s, out, x, least); }                     \
  KERNEL support_kept_##S(int n, T* out, const T* dout, const T* y) { kept(n, out, dout, y); }
BOTH(KERNELS)
