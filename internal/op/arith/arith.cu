// Twin of kernel.go.
#include "device.cuh"

// apply returns x ∘ y.
template <typename T>
DEVICE T apply(int op, T x, T y) {
  return op == 0 ? x + y : op == 1 ? x - y : x * y;
}

// binary stores x ∘ y in out, which may be x; y is of x's shape (form 0), a row of d
// (form 1) or a column (form 2).
template <typename T>
DEVICE void binary(int n, T* out, const T* x, const T* y, int op, int form, int d) {
  EACH(i, n) out[i] = apply(op, x[i], y[form == 0 ? i : form == 1 ? i % d : i / d]);
}

// scale stores c·x in out, which may be x.
template <typename T>
DEVICE void scale(int n, T* out, const T* x, T c) {
  EACH(i, n) out[i] = x[i] * c;
}

// sum_rows stores sign·Σᵢ x[i,j].
template <typename T>
DEVICE void sum_rows(int n, int d, T* out, const T* x, double sign) {
  column_sums(n, d, [=](int i, int j) { return (double)x[i * d + j]; }, [=](int j, double s) { out[j] = sign * s; });
}

// sum_cols stores sign·Σⱼ x[i,j].
template <typename T>
DEVICE void sum_cols(int n, int d, T* out, const T* x, double sign) {
  ROW(i, n) {
    double s = row_sum(d, [=](int j) { return (double)x[i * d + j]; });
    if (thread() == 0) out[i] = sign * s;
  }
}

// product_rows stores Σᵢ x[i,j]·y[i,j].
template <typename T>
DEVICE void product_rows(int n, int d, T* out, const T* x, const T* y) {
  column_sums(n, d, [=](int i, int j) { return (double)x[i * d + j] * y[i * d + j]; }, [=](int j, double s) { out[j] = s; });
}

// product_cols stores Σⱼ x[i,j]·y[i,j].
template <typename T>
DEVICE void product_cols(int n, int d, T* out, const T* x, const T* y) {
  ROW(i, n) {
    double s = row_sum(d, [=](int j) { return (double)x[i * d + j] * y[i * d + j]; });
    if (thread() == 0) out[i] = s;
  }
}

#define KERNELS(T, S)                                                                                                               \
  KERNEL arith_binary_##S(int n, T* out, const T* x, const T* y, int op, int form, int d) { binary(n, out, x, y, op, form, d); }    \
  KERNEL arith_scale_##S(int n, T* out, const T* x, T c) { scale(n, out, x, c); }                                                   \
  KERNEL arith_sum_rows_##S(int n, int d, T* out, const T* x, double sign) { sum_rows(n, d, out, x, sign); }                        \
  KERNEL arith_sum_cols_##S(int n, int d, T* out, const T* x, double sign) { sum_cols(n, d, out, x, sign); }                        \
  KERNEL arith_product_rows_##S(int n, int d, T* out, const T* x, const T* y) { product_rows(n, d, out, x, y); }                    \
  KERNEL arith_product_cols_##S(int n, int d, T* out, const T* x, const T* y) { product_cols(n, d, out, x, y); }
BOTH(KERNELS)
