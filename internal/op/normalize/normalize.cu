// Twin of kernel.go: one block a row.
#include "device.cuh"

// norm returns ‖x‖₂ to every thread of the block.
template <typename T>
DEVICE double norm(int d, const T* x) {
  return root(row_sum(d, [=](int j) { return (double)x[j] * x[j]; }));
}

// rows stores x/max(‖x‖, ε).
template <typename T>
DEVICE void rows(int n, int d, T* y, const T* x, double eps) {
  ROW(i, n) {
    double r = norm(d, x + i * d);
    T c = 1 / (r < eps ? eps : r);
    LANE(j, d) y[i * d + j] = c * x[i * d + j];
  }
}

// tangent stores (D − ⟨D, y⟩y)/‖x‖ in dx, y being x/‖x‖, or D/ε where the norm is
// clamped; dx may be D.
template <typename T>
DEVICE void tangent(int n, int d, T* dx, const T* dout, const T* x, double eps) {
  ROW(i, n) {
    double dot = row_sum(d, [=](int j) { return (double)dout[i * d + j] * x[i * d + j]; });
    double r = norm(d, x + i * d);
    T along = dot / (r * r * r);
    if (r <= eps) r = eps, along = 0;
    T c = 1 / r;
    LANE(j, d) dx[i * d + j] = c * dout[i * d + j] - along * x[i * d + j];
  }
}

#define KERNELS(T, S)                                                                                                                  \
  KERNEL normalize_rows_##S(int n, int d, T* y, const T* x, double eps) { rows(n, d, y, x, eps); }                                     \
  KERNEL normalize_tangent_##S(int n, int d, T* dx, const T* dout, const T* x, double eps) { tangent(n, d, dx, dout, x, eps); }
BOTH(KERNELS)
