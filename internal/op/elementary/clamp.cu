// Twin of Clamp in op.go.
#include "device.cuh"

template <typename T>
DEVICE void clamp(int n, T* out, const T* x, double lo, double hi) {
  EACH(i, n) out[i] = x[i] < lo ? (T)lo : x[i] > hi ? (T)hi : x[i];
}

// grad stores D within the bounds, and 0 elsewhere; out may be D.
template <typename T>
DEVICE void grad(int n, T* out, const T* dout, const T* x, double lo, double hi) {
  EACH(i, n) out[i] = x[i] < lo || x[i] > hi ? 0 : dout[i];
}

#define KERNELS(T, S)                                                                                    \
  KERNEL clamp_value_##S(int n, T* out, const T* x, double lo, double hi) { clamp(n, out, x, lo, hi); }  \
  KERNEL clamp_slope_##S(int n, T* out, const T* dout, const T* x, double lo, double hi) {               \
    grad(n, out, dout, x, lo, hi);                                                                       \
  }
BOTH(KERNELS)
