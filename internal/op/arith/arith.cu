// Twin of kernel.go.
#include "device.cuh"

// apply returns x ∘ y.
template <typename T>
DEVICE T apply(int op, T x, T y) {
  return op == 0 ? x + y : op == 1 ? x - y : op == 2 ? x * y : x / y;
}

// binary stores x ∘ y in out, which may be x; y is of x's shape (form 0), a row of d
// (form 1) or a column (form 2).
template <typename T>
DEVICE void binary(int n, T* out, const T* x, const T* y, int op, int form, int d) {
  EACH(i, n) out[i] = apply(op, x[i], y[form == 0 ? i : form == 1 ? i % d : i / d]);
}

// A Walk has the sizes of axes, last first, and the strides of two operands, 0 where one
// is repeated.
struct Walk {
  int s[4], x[4], y[4];
};

// broadcast stores x ∘ y in out.
template <typename T>
DEVICE void broadcast(int n, T* out, const T* x, const T* y, int op, Walk w) {
  EACH(i, n) {
    int rest = i, ox = 0, oy = 0;
    for (int k = 0; k < 4; k++) {
      int j = rest % w.s[k];
      rest /= w.s[k];
      ox += j * w.x[k];
      oy += j * w.y[k];
    }
    out[i] = apply(op, x[ox], y[oy]);
  }
}

// fold stores sign·Σ D, or Σ D ⊙ f, in out, of m elements, over the r that each is
// repeated along; x of the walk is out, y is f.
template <typename T>
DEVICE void fold(int m, int r, T* out, const T* d, const T* f, int product, double sign, Walk w) {
  ROW(i, m) {
    int rest = i, od = 0, of = 0, stride = 1;
    for (int k = 0; k < 4; k++) {
      if (w.x[k] > 0) {
        int j = rest % w.s[k];
        rest /= w.s[k];
        od += j * stride;
        of += j * w.y[k];
      }
      stride *= w.s[k];
    }
    double s = row_sum(r, [=](int q) {
      int at = od, af = of, step = 1;
      for (int k = 0; k < 4; k++) {
        if (w.x[k] == 0) {
          int j = q % w.s[k];
          q /= w.s[k];
          at += j * step;
          af += j * w.y[k];
        }
        step *= w.s[k];
      }
      return product ? (double)d[at] * f[af] : (double)d[at];
    });
    if (thread() == 0) out[i] = sign * s;
  }
}

// scale stores c·x in out, which may be x.
template <typename T>
DEVICE void scale(int n, T* out, const T* x, T c) {
  EACH(i, n) out[i] = x[i] * c;
}

#define WALK {{s0, s1, s2, s3}, {x0, x1, x2, x3}, {y0, y1, y2, y3}}
#define KERNELS(T, S)                                                                                                    \
  KERNEL arith_binary_##S(int n, T* out, const T* x, const T* y, int op, int form, int d) {                              \
    binary(n, out, x, y, op, form, d);                                                                                   \
  }                                                                                                                      \
  KERNEL arith_broadcast_##S(int n, T* out, const T* x, const T* y, int op, int s0, int s1, int s2, int s3, int x0,      \
                             int x1, int x2, int x3, int y0, int y1, int y2, int y3) {                                   \
    Walk w = WALK;                                                                                                       \
    broadcast(n, out, x, y, op, w);                                                                                      \
  }                                                                                                                      \
  KERNEL arith_fold_##S(int m, int r, T* out, const T* d, const T* f, int product, double sign, int s0, int s1, int s2,  \
                        int s3, int x0, int x1, int x2, int x3, int y0, int y1, int y2, int y3) {                        \
    Walk w = WALK;                                                                                                       \
    fold(m, r, out, d, f, product, sign, w);                                                                             \
  }                                                                                                                      \
  KERNEL arith_scale_##S(int n, T* out, const T* x, T c) { scale(n, out, x, c); }
BOTH(KERNELS)
