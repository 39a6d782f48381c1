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

// middle stores c·Σ over the middle axis of an x of m/width × b × width.
template <typename T>
DEVICE void middle(int m, int b, int width, T* out, const T* x, int squares, double c) {
  ROW(i, m) {
    const T* from = x + i / width * b * width + i % width;
    double s = row_sum(b, [=](int j) { return term(squares, from[j * width]); });
    if (thread() == 0) out[i] = c * s;
  }
}

// spread stores the gradient: c·D of the sum that an element is in, times x if the
// sum is of squares. A sum is of every width-th of len elements.
template <typename T>
DEVICE void spread(int n, int len, int width, T* out, const T* x, const T* dout, int squares, T c) {
  EACH(i, n) {
    T g = c * dout[i / len * width + i % width];
    out[i] = squares ? g * x[i] : g;
  }
}

// extreme stores the largest, or the least, along the middle axis of x, as middle.
template <typename T>
DEVICE void extreme(int m, int b, int width, T* out, const T* x, int least) {
  EACH(i, m) {
    const T* from = x + i / width * b * width + i % width;
    T best = from[0];
    for (int j = 1; j < b; j++) {
      T v = from[j * width];
      if (best == best && (v != v || (least ? v < best : v > best))) best = v;
    }
    out[i] = best;
  }
}

// first stores D where x is first equal to the extreme, and 0 elsewhere.
template <typename T>
DEVICE void first(int m, int b, int width, T* out, const T* x, const T* best, const T* dout) {
  EACH(i, m) {
    int at = i / width * b * width + i % width, found = 0;
    for (int j = 0; j < b; j++, at += width) {
      int here = !found && (x[at] == best[i] || x[at] != x[at]);
      out[at] = here ? dout[i] : 0;
      found |= here;
    }
  }
}

#define KERNELS(T, S)                                                                                                 \
  KERNEL reduce_total_##S(int n, double* parts, const T* x, int squares) { total(n, parts, x, squares); }             \
  KERNEL reduce_finish_##S(int n, T* out, const double* parts, double c) { finish(n, out, parts, c); }                \
  KERNEL reduce_rows_##S(int n, int d, T* out, const T* x, int squares, double c) { rows(n, d, out, x, squares, c); } \
  KERNEL reduce_cols_##S(int n, int d, T* out, const T* x, int squares, double c) { cols(n, d, out, x, squares, c); } \
  KERNEL reduce_middle_##S(int m, int b, int width, T* out, const T* x, int squares, double c) {                      \
    middle(m, b, width, out, x, squares, c);                                                                          \
  }                                                                                                                   \
  KERNEL reduce_spread_##S(int n, int len, int width, T* out, const T* x, const T* dout, int squares, T c) {          \
    spread(n, len, width, out, x, dout, squares, c);                                                                  \
  }                                                                                                                   \
  KERNEL reduce_extreme_##S(int m, int b, int width, T* out, const T* x, int least) {                                 \
    extreme(m, b, width, out, x, least);                                                                              \
  }                                                                                                                   \
  KERNEL reduce_first_##S(int m, int b, int width, T* out, const T* x, const T* best, const T* dout) {                \
    first(m, b, width, out, x, best, dout);                                                                           \
  }
BOTH(KERNELS)
