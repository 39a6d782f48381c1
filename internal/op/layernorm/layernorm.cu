// Twin of kernel.go: one block a row.
#include "device.cuh"
#include "unit.cuh"

// stats stores the mean and 1/√(σ² + ε) of each row.
template <typename T>
DEVICE void stats(int n, int d, double* out, const T* x, double eps) {
  ROW(i, n) {
    const T* row = x + i * d;
    double mean = row_sum(d, [=](int j) { return (double)row[j]; }) / d;
    double variance = row_sum(d, [=](int j) { return (row[j] - mean) * (row[j] - mean); }) / d;
    double v = variance + eps, r = 1 / root(v);
    if (!(v >= 0x1p-900 && v <= 0x1p1000)) {
      double most = row_max_abs(d, [=](int j) { return row[j]; });
      int e = most > 0 && most < infinity() ? exponent(most) : 0;
      double scaled = row_sum(d, [=](int j) { return times_power(row[j], -e) / d; });
      variance = row_sum(d, [=](int j) { return (times_power(row[j], -e) - scaled) * (times_power(row[j], -e) - scaled) / d; });
      mean = times_power(scaled, e);
      r = times_power(1 / root(variance + times_power(eps, -2 * e)), -e);
    }
    if (thread() == 0) out[2 * i] = mean, out[2 * i + 1] = r;
  }
}

// norm stores γ ⊙ x̂ + β in y, which may be x; without β where its address is 0.
template <typename T>
DEVICE void norm(int n, int d, T* y, const T* x, const double* stats, const T* gamma, const T* beta) {
  EACH(i, n * d) {
    double mean = stats[2 * (i / d)], r = stats[2 * (i / d) + 1];
    y[i] = (T)((x[i] - mean) * r) * gamma[i % d] + (beta ? beta[i % d] : 0);
  }
}

// input_grad stores r (g − ⟨g⟩ − x̂ ⟨g ⊙ x̂⟩), g = D ⊙ γ; dx may be D.
template <typename T>
DEVICE void input_grad(int n, int d, T* dx, const T* dout, const T* x, const double* stats, const T* gamma) {
  ROW(i, n) {
    double mean = stats[2 * i], r = stats[2 * i + 1];
    double g = row_sum(d, [=](int j) { return (double)dout[i * d + j] * gamma[j] / d; });
    double gx = row_sum(d, [=](int j) { return (double)dout[i * d + j] * gamma[j] * (x[i * d + j] - mean) * r / d; });
    LANE(j, d) {
      double xhat = (x[i * d + j] - mean) * r;
      dx[i * d + j] = r * ((double)dout[i * d + j] * gamma[j] - g - xhat * gx);
    }
  }
}

// gain_grad stores Σᵢ D ⊙ x̂.
template <typename T>
DEVICE void gain_grad(int n, int d, T* out, const T* dout, const T* x, const double* stats) {
  column_sums(n, d, [=](int i, int j) { return dout[i * d + j] * (x[i * d + j] - stats[2 * i]) * stats[2 * i + 1]; },
              [=](int j, double s) { out[j] = s; });
}

// shift_grad stores Σᵢ D.
template <typename T>
DEVICE void shift_grad(int n, int d, T* out, const T* dout) {
  column_sums(n, d, [=](int i, int j) { return (double)dout[i * d + j]; }, [=](int j, double s) { out[j] = s; });
}

#define KERNELS(T, S)                                                                                                                   \
  KERNEL layernorm_stats_##S(int n, int d, double* out, const T* x, double eps) { stats(n, d, out, x, eps); }                           \
  KERNEL layernorm_norm_##S(int n, int d, T* y, const T* x, const double* stats, const T* gamma, const T* beta) {                       \
    norm(n, d, y, x, stats, gamma, beta);                                                                                               \
  }                                                                                                                                     \
  KERNEL layernorm_input_grad_##S(int n, int d, T* dx, const T* dout, const T* x, const double* stats, const T* gamma) {                \
    input_grad(n, d, dx, dout, x, stats, gamma);                                                                                        \
  }                                                                                                                                     \
  KERNEL layernorm_gain_grad_##S(int n, int d, T* out, const T* dout, const T* x, const double* stats) {                                \
    gain_grad(n, d, out, dout, x, stats);                                                                                               \
  }                                                                                                                                     \
  KERNEL layernorm_shift_grad_##S(int n, int d, T* out, const T* dout) { shift_grad(n, d, out, dout); }
BOTH(KERNELS)
