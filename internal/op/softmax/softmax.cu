// Twin of kernel.go: one block a row.
#include "device.cuh"

// softmax stores that of each row of x in y, which may be x. A NaN in a row makes
// all of it NaN.
template <typename T>
DEVICE void softmax(int n, int d, T* y, const T* x) {
  ROW(i, n) {
    const T* row = x + i * d;
    double top = -infinity();
    LANE(j, d) top = larger(top, row[j]);
    top = block_max(top);
    double sum = row_sum(d, [=](int j) { return exponential(row[j] - top); });
    LANE(j, d) y[i * d + j] = exponential(row[j] - top) / sum;
  }
}

// grad stores y (D − ⟨D, y⟩); dx may be D.
template <typename T>
DEVICE void grad(int n, int d, T* dx, const T* dout, const T* y) {
  ROW(i, n) {
    T dot = row_sum(d, [=](int j) { return (double)dout[i * d + j] * y[i * d + j]; });
    LANE(j, d) dx[i * d + j] = y[i * d + j] * (dout[i * d + j] - dot);
  }
}

#define KERNELS(T, S)                                                                                         \
  KERNEL softmax_softmax_##S(int n, int d, T* y, const T* x) { softmax(n, d, y, x); }                         \
  KERNEL softmax_grad_##S(int n, int d, T* dx, const T* dout, const T* y) { grad(n, d, dx, dout, y); }
BOTH(KERNELS)
