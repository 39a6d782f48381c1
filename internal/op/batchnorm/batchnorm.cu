// Twin of kernel.go: a block a channel, or a thread an element. Statistics are 2×c:
// the mean, then 1/√(σ² + ε).
#include "device.cuh"
#include "unit.cuh"

// A Layout is n images of c channels of p pixels.
struct Layout {
  int n, c, p;
};

// at returns where number i of channel c lies.
DEVICE int at(Layout l, int c, int i) { return (i / l.p * l.c + c) * l.p + i % l.p; }

template <typename T>
DEVICE void stats(Layout l, double* out, const T* x, double eps) {
  ROW(c, l.c) {
    int m = l.n * l.p;
    double about = x[c * l.p];
    double mean = about + row_sum(m, [=](int i) { return x[at(l, c, i)] - about; }) / m;
    double variance = row_sum(m, [=](int i) { return (x[at(l, c, i)] - mean) * (x[at(l, c, i)] - mean); }) / m;
    double v = variance + eps, r = 1 / root(v);
    if (!(v >= 0x1p-900 && v <= 0x1p1000)) {
      double most = row_max_abs(m, [=](int i) { return x[at(l, c, i)]; });
      int e = most > 0 && most < infinity() ? exponent(most) : 0;
      double scaled = row_sum(m, [=](int i) { return times_power(x[at(l, c, i)], -e) / m; });
      variance = row_sum(m, [=](int i) { return (times_power(x[at(l, c, i)], -e) - scaled) * (times_power(x[at(l, c, i)], -e) - scaled) / m; });
      mean = times_power(scaled, e);
      r = times_power(1 / root(variance + times_power(eps, -2 * e)), -e);
    }
    if (thread() == 0) out[c] = mean, out[l.c + c] = r;
  }
}

template <typename T>
DEVICE void fixed(int c, double* out, const T* mean, const T* variance, double eps) {
  EACH(j, c) out[j] = mean[j], out[c + j] = 1 / root(variance[j] + eps);
}

// A Line is the map of a channel, y = scale·(x − mean) + shift.
template <typename T>
struct Line {
  T scale, mean, shift;
  DEVICE_MEMBER T of(T x) const { return scale * (x - mean) + shift; }
};

template <typename T>
DEVICE Line<T> line(Layout l, const double* stats, const T* gamma, const T* beta, int c) {
  double scale = gamma[c] * stats[l.c + c];
  T mean = stats[c];
  return Line<T>{(T)scale, mean, (T)(beta[c] - (stats[c] - mean) * scale)};
}

// norm stores y, plus other if there is one, cut off at 0 if relu; out may be x.
template <typename T>
DEVICE void norm(Layout l, T* out, const T* x, const double* stats, const T* gamma, const T* beta, const T* other, int relu) {
  EACH(i, l.n * l.c * l.p) {
    Line<T> y = line(l, stats, gamma, beta, i / l.p % l.c);
    T v = y.of(x[i]);
    if (other) v += other[i];
    out[i] = relu && v < 0 ? 0 : v;
  }
}

template <typename T>
DEVICE void cut(int n, T* out, const T* dout, const T* y) {
  EACH(i, n) out[i] = y[i] > 0 ? dout[i] : 0;
}

template <typename T>
DEVICE void running(int c, T* out, const T* rho, const double* stats, int variance, double momentum, double eps, double unbias,
                    u64* status) {
  EACH(j, c) {
    double now = stats[j];
    if (variance) now = 1 / (stats[c + j] * stats[c + j]) - eps, now = (now < 0 ? 0 : now) * unbias;
    out[j] = (1 - momentum) * rho[j] + momentum * now;
    if (absolute(out[j]) == infinity()) report(status, j, out[j]);
  }
}

// kept returns D, or 0 where relu cuts the output off.
template <typename T>
DEVICE T kept(Line<T> y, T x, T dout, int relu) {
  return relu && !(y.of(x) > 0) ? 0 : dout;
}

template <typename T>
DEVICE void sums(Layout l, double* out, const T* dout, const T* x, const double* stats, const T* gamma, const T* beta, int relu) {
  ROW(c, l.c) {
    int m = l.n * l.p;
    double mean = stats[c], r = stats[l.c + c];
    Line<T> y = line(l, stats, gamma, beta, c);
    double s = row_sum(m, [=](int i) { return (double)kept(y, x[at(l, c, i)], dout[at(l, c, i)], relu); });
    double q = row_sum(m, [=](int i) { return kept(y, x[at(l, c, i)], dout[at(l, c, i)], relu) * (x[at(l, c, i)] - mean); });
    if (thread() == 0) out[c] = s, out[l.c + c] = q * r;
  }
}

template <typename T>
DEVICE void row(int c, T* out, const double* x) {
  EACH(j, c) out[j] = x[j];
}

template <typename T>
DEVICE void input_grad(Layout l, T* dx, const T* dout, const T* x, const double* stats, const T* gamma, const T* beta, const double* sums,
                       int train, int relu) {
  EACH(i, l.n * l.c * l.p) {
    int c = i / l.p % l.c, m = l.n * l.p;
    double r = stats[l.c + c], scale = gamma[c] * r, slope = 0, shift = 0;
    Line<T> y = line(l, stats, gamma, beta, c);
    if (train) slope = -scale * r * sums[l.c + c] / m, shift = -scale * sums[c] / m - slope * (stats[c] - y.mean);
    T d = kept(y, x[i], dout[i], relu);
    bool far = sizeof(T) == 4 ? r < 0x1p-40 || r > 0x1p40 : r < 0x1p-300 || r > 0x1p300;  // slope may be beyond T
    if (train && far)
      dx[i] = scale * (d - sums[c] / m - (x[i] - stats[c]) * r * (sums[l.c + c] / m));
    else
      dx[i] = (T)scale * d + (T)slope * (x[i] - y.mean) + (T)shift;
  }
}

#define KERNELS(T, S)                                                                                                                     \
  KERNEL batchnorm_stats_##S(int n, int c, int p, double* out, const T* x, double eps) { stats(Layout{n, c, p}, out, x, eps); }           \
  KERNEL batchnorm_fixed_##S(int c, double* out, const T* mean, const T* variance, double eps) { fixed(c, out, mean, variance, eps); }    \
  KERNEL batchnorm_norm_##S(int n, int c, int p, T* out, const T* x, const double* stats, const T* gamma, const T* beta, const T* other,  \
                            int relu) {                                                                                                   \
    norm(Layout{n, c, p}, out, x, stats, gamma, beta, other, relu);                                                                       \
  }                                                                                                                                       \
  KERNEL batchnorm_cut_##S(int n, T* out, const T* dout, const T* y) { cut(n, out, dout, y); }                                            \
  KERNEL batchnorm_running_##S(int c, T* out, const T* rho, const double* stats, int variance, double momentum, double eps, double u,     \
                               u64* status) {                                                                                             \
    running(c, out, rho, stats, variance, momentum, eps, u, status);                                                                      \
  }                                                                                                                                       \
  KERNEL batchnorm_sums_##S(int n, int c, int p, double* out, const T* dout, const T* x, const double* stats, const T* gamma,             \
                            const T* beta, int relu) {                                                                                    \
    sums(Layout{n, c, p}, out, dout, x, stats, gamma, beta, relu);                                                                        \
  }                                                                                                                                       \
  KERNEL batchnorm_row_##S(int c, T* out, const double* x) { row(c, out, x); }                                                            \
  KERNEL batchnorm_input_grad_##S(int n, int c, int p, T* dx, const T* dout, const T* x, const double* stats, const T* gamma,             \
                                  const T* beta, const double* sums, int train, int relu) {                                               \
    input_grad(Layout{n, c, p}, dx, dout, x, stats, gamma, beta, sums, train, relu);                                                      \
  }
BOTH(KERNELS)
