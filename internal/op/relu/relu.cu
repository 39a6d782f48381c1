// Twin of op.go: one thread an element.
#include "device.cuh"

// relu stores max(x, 0) in out, which may be x. NaN stays NaN.
template <typename T>
DEVICE void relu(int n, T* out, const T* x) {
  EACH(i, n) out[i] = x[i] < 0 ? 0 : x[i];
}

// add_relu stores max(x + s, 0) in out, which may be x. NaN stays NaN.
template <typename T>
DEVICE void add_relu(int n, T* out, const T* x, const T* s) {
  EACH(i, n) {
    T v = x[i] + s[i];
    out[i] = v < 0 ? 0 : v;
  }
}

// grad stores D where y > 0, and 0 elsewhere; out may be D.
template <typename T>
DEVICE void grad(int n, T* out, const T* dout, const T* y) {
  EACH(i, n) out[i] = y[i] > 0 ? dout[i] : 0;
}

#define KERNELS(T, S)                                                                                \
  KERNEL relu_relu_##S(int n, T* out, const T* x) { relu(n, out, x); } /* for the tests of cuda */   \
  KERNEL relu_value_##S(int n, T* out, const T* x) { relu(n, out, x); }                              \
  KERNEL relu_add_relu_##S(int n, T* out, const T* x, const T* s) { add_relu(n, out, x, s); }        \
  KERNEL relu_slope_##S(int n, T* out, const T* dout, const T* y) { grad(n, out, dout, y); }
BOTH(KERNELS)
