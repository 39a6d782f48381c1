// Twin of kernel.go: one block a row, or one thread an element.
#include "device.cuh"
#include "unit.cuh"

template <typename T>
DEVICE void rms(int n, int d, T* out, const T* v) {
  ROW(i, n) {
    double s = row_sum(d, [=](int j) { return (double)v[i * d + j] * v[i * d + j]; });
    double r = root(s / d);
    if (!(s >= 0x1p-900 && s <= 0x1p1000)) {
      double most = row_max_abs(d, [=](int j) { return v[i * d + j]; });
      int e = most > 0 && most < infinity() ? exponent(most) : 0;
      s = row_sum(d, [=](int j) { return times_power(v[i * d + j], -e) * times_power(v[i * d + j], -e); });
      r = times_power(root(s / d), e);
    }
    if (thread() == 0) out[i] = r;
  }
}

template <typename T>
DEVICE void rms_grad(int n, int d, T* out, const T* v, const T* r, const T* dout) {
  EACH(at, n * d) {
    int i = at / d;
    double rms = r[i];
    T c = r[i] > 0 ? dout[i] / (d * r[i]) : 0;
    bool far = rms > 0 && (rms < 0x1p-100 || rms > 0x1p100);  // 1/rms may be beyond T: v/rms is not
    out[at] = far ? (T)((double)dout[i] / d * (v[at] / rms)) : c * v[at];
  }
}

template <typename T>
DEVICE void soft_rows(int n, int d, T* out, const T* u, const T* theta) {
  EACH(at, n * d) {
    T v = u[at], t = theta[at / d];
    out[at] = v > t ? v - t : v < -t ? v + t : 0 * v;
  }
}

template <typename T>
DEVICE void input_grad(int n, T* out, const T* dout, const T* z) {
  EACH(i, n) out[i] = z[i] == 0 ? 0 : dout[i];
}

template <typename T>
DEVICE void theta_grad(int n, int d, T* out, const T* dout, const T* z) {
  ROW(i, n) {
    double s = row_sum(d, [=](int j) {
      T here = z[i * d + j];
      return here > 0 ? -(double)dout[i * d + j] : here < 0 ? (double)dout[i * d + j] : 0;
    });
    if (thread() == 0) out[i] = s;
  }
}

template <typename T>
DEVICE void density(int n, int d, T* out, const T* z, double m) {
  ROW(i, n) {
    double s = row_sum(d, [=](int j) { return z[i * d + j] != 0 ? 1.0 : 0.0; });
    if (thread() == 0) out[i] = s / m;
  }
}

#define KERNELS(T, S)                                                                                                     \
  KERNEL amp_rms_##S(int n, int d, T* out, const T* v) { rms(n, d, out, v); }                                             \
  KERNEL amp_rms_grad_##S(int n, int d, T* out, const T* v, const T* r, const T* dout) { rms_grad(n, d, out, v, r, dout); } \
  KERNEL amp_soft_rows_##S(int n, int d, T* out, const T* u, const T* theta) { soft_rows(n, d, out, u, theta); }          \
  KERNEL amp_input_grad_##S(int n, T* out, const T* dout, const T* z) { input_grad(n, out, dout, z); }                    \
  KERNEL amp_theta_grad_##S(int n, int d, T* out, const T* dout, const T* z) { theta_grad(n, d, out, dout, z); }          \
  KERNEL amp_density_##S(int n, int d, T* out, const T* z, double m) { density(n, d, out, z, m); }
BOTH(KERNELS)
