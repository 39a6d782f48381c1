// Twin of kernel.go: one block a row.
#include "device.cuh"
#include "unit.cuh"

// rows stores x/‖x‖, and reports a row without a direction, or leaves it 0 if zero.
template <typename T>
DEVICE void rows(int n, int d, T* y, const T* x, int zero, u64* status) {
  ROW(i, n) {
    double bad;
    if (unit(d, [=](int j) { return x[i * d + j]; }, [=](int j, T v) { y[i * d + j] = v; }, &bad)) continue;
    if (zero && bad == 0) {
      LANE(j, d) y[i * d + j] = 0;
    } else if (thread() == 0) {
      report(status, i, bad);
    }
  }
}

// tangent stores (D − ⟨D, y⟩y)/‖x‖ in dx, y being x/‖x‖; dx may be D.
template <typename T>
DEVICE void tangent(int n, int d, T* dx, const T* dout, const T* x) {
  ROW(i, n) {
    unit_grad<T>(d, [=](int j) { return dout[i * d + j]; }, [=](int j) { return x[i * d + j]; }, [=](int j, T v) { dx[i * d + j] = v; });
  }
}

#define KERNELS(T, S)                                                                                                \
  KERNEL normalize_rows_##S(int n, int d, T* y, const T* x, int zero, u64* status) { rows(n, d, y, x, zero, status); }               \
  KERNEL normalize_tangent_##S(int n, int d, T* dx, const T* dout, const T* x) { tangent(n, d, dx, dout, x); }
BOTH(KERNELS)
