// Twin of kernel.go.
#include "device.cuh"

// term returns x or x².
template <typename T>
DEVICE double term(int squares, T x) {
  return squares ? (double)x * x : (double)x;
}

// total stores the sums of parts of x.
template <typename T>
DEVICE void total(int n, double* parts, const T* x, int squares) {
  partial_sums(n, parts, [=](int i) { return term(squares, x[i]); });
}

// finish stores c times the sum of the parts: one block.
template <typename T>
DEVICE void finish(int n, T* out, const double* parts, double c) {
  double s = row_sum(n, [=](int i) { return parts[i]; });
  if (thread() == 0) *out = c * s;
}

// rows stores c·Σᵢ over the rows.
template <typename T>
DEVICE void rows(int n, int d, T* out, const T* x, int squares, double c) {
  column_sums(n, d, [=](int i, int j) { return term(squares, x[i * d + j]); }, [=](int j, double s) { out[j] = c * s; });
}

// cols stores c·Σⱼ over the columns.
template <typename T>
DEVICE void cols(int n, int d, T* out, const T* x, int squares, double c) {
  ROW(i, n) {
    double s = row_sum(d, [=](int j) { return term(squares, x[i * d + j]); });
    if (thread() == 0) out[i] = c * s;
  }
}

// spread stores the gradient: c·D of the sum that an element is in, times x if the
// sum is of squares. over is 0 for all, 1 for the rows, 2 for the columns.
template <typename T>
DEVICE void spread(int n, int d, T* out, const T* x, const T* dout, int over, int squares, T c) {
  EACH(i, n) {
    T g = c * dout[over == 0 ? 0 : over == 1 ? i % d : i / d];
    out[i] = squares ? g * x[i] : g;
  }
}

#define KERNELS(T, S)                                                                                                         \
  KERNEL reduce_total_##S(int n, double* parts, const T* x, int squares) { total(n, parts, x, squares); }                     \
  KERNEL reduce_finish_##S(int n, T* out, const double* parts, double c) { finish(n, out, parts, c); }                        \
  KERNEL reduce_rows_##S(int n, int d, T* out, const T* x, int squares, double c) { rows(n, d, out, x, squares, c); }         \
  KERNEL reduce_cols_##S(int n, int d, T* out, const T* x, int squares, double c) { cols(n, d, out, x, squares, c); }         \
  KERNEL reduce_spread_##S(int n, int d, T* out, const T* x, const T* dout, int over, int squares, T c) {                     \
    spread(n, d, out, x, dout, over, squares, c);                                                                             \
  }
BOTH(KERNELS)
