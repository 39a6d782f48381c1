// Twin of kernel.go.
#include "device.cuh"

// error stores Σ(z − t)²/Σt², or 10 log₁₀ of it if db, and reports if t is 0: one
// block.
template <typename T>
DEVICE void error(int n, T* out, const T* z, const T* t, int db, u64* status) {
  double e = row_sum(n, [=](int i) { return ((double)z[i] - t[i]) * ((double)z[i] - t[i]); });
  double norm = row_sum(n, [=](int i) { return (double)t[i] * t[i]; });
  if (thread()) return;
  if (norm == 0) report(status, 0, 0);
  e /= norm;
  *out = db ? 10 * logarithm(e) / 2.302585092994045684 : e;
}

// factor stores what z − t is multiplied by in the gradient: one block.
template <typename T>
DEVICE void factor(int n, double* out, const T* z, const T* t, const T* dout, int db) {
  double e = row_sum(n, [=](int i) { return ((double)z[i] - t[i]) * ((double)z[i] - t[i]); });
  double norm = row_sum(n, [=](int i) { return (double)t[i] * t[i]; });
  double c = 2 * (double)*dout / norm;
  if (thread() == 0) *out = db ? c * (10 / 2.302585092994045684) / (e / norm) : c;
}

// grad stores c(z − t).
template <typename T>
DEVICE void grad(int n, T* out, const T* z, const T* t, const double* c) {
  EACH(i, n) out[i] = *c * ((double)z[i] - t[i]);
}

#define KERNELS(T, S)                                                                                                         \
  KERNEL nmse_error_##S(int n, T* out, const T* z, const T* t, int db, u64* status) { error(n, out, z, t, db, status); }      \
  KERNEL nmse_factor_##S(int n, double* out, const T* z, const T* t, const T* dout, int db) { factor(n, out, z, t, dout, db); } \
  KERNEL nmse_grad_##S(int n, T* out, const T* z, const T* t, const double* c) { grad(n, out, z, t, c); }
BOTH(KERNELS)
