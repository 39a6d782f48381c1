// Twin of kernel.go: one block a row.
#include "device.cuh"

// log_softmax stores that of each row of x in y, which may be x.
template <typename T>
DEVICE void log_softmax(int n, int d, T* y, const T* x) {
  ROW(i, n) {
    const T* row = x + i * d;
    double top = -infinity();
    LANE(j, d) top = larger(top, row[j]);
    top = block_max(top);
    double log = logarithm(row_sum(d, [=](int j) { return exponential(row[j] - top); }));
    LANE(j, d) y[i * d + j] = (double)row[j] - top - log;
  }
}

// log_softmax_grad stores D − exp(y) Σ D; dx may be D.
template <typename T>
DEVICE void log_softmax_grad(int n, int d, T* dx, const T* dout, const T* y) {
  ROW(i, n) {
    double sum = row_sum(d, [=](int j) { return (double)dout[i * d + j]; });
    LANE(j, d) dx[i * d + j] = dout[i * d + j] - exponential(y[i * d + j]) * sum;
  }
}

// mean stores the loss, or in status which label is no class: one block.
template <typename T>
DEVICE void mean(int n, int k, T* out, const T* logp, const T* labels, double s, u64* status) {
  int bad = first_bad(n, [=](int i) { return !is_class(labels[i], k); });
  if (bad < n) {
    if (thread() == 0) *out = nan_(), report(status, bad, labels[bad]);
    return;
  }
  double sum = row_sum(n, [=](int i) { return (1 - s) * logp[i * k + (int)labels[i]]; });
  if (s > 0) sum += row_sum(n * k, [=](int i) { return s / k * logp[i]; });
  if (thread() == 0) *out = -sum / n;
}

// mean_grad stores D/n (exp(logp) − q); out may be logp.
template <typename T>
DEVICE void mean_grad(int n, int k, T* out, const T* logp, const T* labels, const T* dout, double s) {
  double c = (double)*dout / n;
  EACH(i, n * k) {
    double q = s / k;
    if ((T)(i % k) == labels[i / k]) q += 1 - s;
    out[i] = c * (exponential(logp[i]) - q);
  }
}

#define KERNELS(T, S)                                                                                                                     \
  KERNEL crossentropy_log_softmax_##S(int n, int d, T* y, const T* x) { log_softmax(n, d, y, x); }                                        \
  KERNEL crossentropy_log_softmax_grad_##S(int n, int d, T* dx, const T* dout, const T* y) { log_softmax_grad(n, d, dx, dout, y); }       \
  KERNEL crossentropy_mean_##S(int n, int k, T* out, const T* logp, const T* labels, double s, u64* status) {                             \
    mean(n, k, out, logp, labels, s, status);                                                                                             \
  }                                                                                                                                       \
  KERNEL crossentropy_mean_grad_##S(int n, int k, T* out, const T* logp, const T* labels, const T* dout, double s) {                      \
    mean_grad(n, k, out, logp, labels, dout, s);                                                                                          \
  }
BOTH(KERNELS)
