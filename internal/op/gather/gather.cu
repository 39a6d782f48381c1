// Twin of kernel.go: one block a row, of out or of the table.
#include "device.cuh"

template <typename T>
DEVICE void gather(int n, int d, int rows, T* out, const T* x, const T* index, u64* status) {
  ROW(i, n) {
    if (is_class(index[i], rows)) {
      const T* row = x + (int)index[i] * d;
      LANE(j, d) out[i * d + j] = row[j];
    } else {
      LANE(j, d) out[i * d + j] = nan_();
      if (thread() == 0) report(status, i, index[i]);
    }
  }
}

// scatter sums, for each row of the table, the rows of D whose number is its own.
template <typename T>
DEVICE void scatter(int n, int d, int rows, T* out, const T* dout, const T* index) {
  ROW(r, rows) LANE(j, d) {
    double s = 0;
    for (int i = 0; i < n; i++)
      if (index[i] == (T)r) s += dout[i * d + j];
    out[r * d + j] = s;
  }
}

#define KERNELS(T, S)                                                                                        \
  KERNEL gather_gather_##S(int n, int d, int rows, T* out, const T* x, const T* index, u64* status) {        \
    gather(n, d, rows, out, x, index, status);                                                               \
  }                                                                                                          \
  KERNEL gather_scatter_##S(int n, int d, int rows, T* out, const T* dout, const T* index) {                 \
    scatter(n, d, rows, out, dout, index);                                                                   \
  }
BOTH(KERNELS)
