// Twin of kernel.go.
#include "device.cuh"
#include "unit.cuh"

// scaled_sums returns Σ(z − t)² and Σt², divided by 2²ᵉ where the latter would be out of
// range: one block.
template <typename T>
DEVICE void scaled_sums(int n, const T* z, const T* t, double* wrong, double* norm, int* exp) {
  *wrong = row_sum(n, [=](int i) { return ((double)z[i] - t[i]) * ((double)z[i] - t[i]); });
  *norm = row_sum(n, [=](int i) { return (double)t[i] * t[i]; });
  *exp = 0;
  if (*norm >= 0x1p-900 && *norm <= 0x1p1000) return;
  double most = row_max_abs(n, [=](int i) { return t[i]; });
  if (!(most > 0 && most < infinity())) return;
  int e = exponent(most);
  *exp = e;
  *wrong = row_sum(n, [=](int i) {
    double r = times_power(z[i], -e) - times_power(t[i], -e);
    return r * r;
  });
  *norm = row_sum(n, [=](int i) { return times_power(t[i], -e) * times_power(t[i], -e); });
}

// error stores Σ(z − t)²/Σt², or 10 log₁₀ of it if db, and reports if t is 0: one
// block.
template <typename T>
DEVICE void error(int n, T* out, const T* z, const T* t, int db, u64* status) {
  int exp;
  double e, norm;
  scaled_sums(n, z, t, &e, &norm, &exp);
  if (thread()) return;
  if (norm == 0) report(status, 0, 0);
  e /= norm;
  *out = db ? 10 * logarithm(e) / 2.302585092994045684 : e;
}

// factor stores what z − t is multiplied by in the gradient: one block.
template <typename T>
DEVICE void factor(int n, double* out, const T* z, const T* t, const T* dout, int db) {
  int exp;
  double e, norm;
  scaled_sums(n, z, t, &e, &norm, &exp);
  double c = 2 * (double)*dout / norm;
  if (thread() == 0) out[0] = db ? c * (10 / 2.302585092994045684) / (e / norm) : c, out[1] = exp;
}

// grad stores c(z − t).
template <typename T>
DEVICE void grad(int n, T* out, const T* z, const T* t, const double* c) {
  int exp = (int)c[1];
  EACH(i, n)
  out[i] = exp == 0 ? c[0] * ((double)z[i] - t[i]) : times_power(c[0] * (times_power(z[i], -exp) - times_power(t[i], -exp)), -exp);
}

#define KERNELS(T, S)                                                                                                         \
  KERNEL nmse_error_##S(int n, T* out, const T* z, const T* t, int db, u64* status) { error(n, out, z, t, db, status); }      \
  KERNEL nmse_factor_##S(int n, double* out, const T* z, const T* t, const T* dout, int db) { factor(n, out, z, t, dout, db); } \
  KERNEL nmse_grad_##S(int n, T* out, const T* z, const T* t, const double* c) { grad(n, out, z, t, c); }
BOTH(KERNELS)
