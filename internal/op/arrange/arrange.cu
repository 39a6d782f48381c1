// Twin of kernel.go: one thread an element.
#include "device.cuh"

// parts copies width numbers of each row: n of them in all.
template <typename T>
DEVICE void parts(int n, int width, T* out, int ldo, int to, const T* x, int ldx, int from) {
  EACH(i, n) out[i / width * ldo + to + i % width] = x[i / width * ldx + from + i % width];
}

// place stores D, whose rows have width numbers, from place at of rows of whole on, and
// zeros beside.
template <typename T>
DEVICE void place(int n, int whole, T* out, const T* dout, int width, int at) {
  EACH(i, n) {
    int j = i % whole - at;
    out[i] = j >= 0 && j < width ? dout[i / whole * width + j] : 0;
  }
}

// transpose stores x by the sizes n and the strides s of the axes of out.
template <typename T>
DEVICE void transpose(int n, T* out, const T* x, int s0, int n1, int s1, int n2, int s2, int n3, int s3, int n4,
                      int s4) {
  EACH(i, n) {
    int at = i;
    int from = at % n4 * s4;
    at /= n4;
    from += at % n3 * s3;
    at /= n3;
    from += at % n2 * s2;
    at /= n2;
    from += at % n1 * s1;
    out[i] = x[from + at / n1 * s0];
  }
}

#define KERNELS(T, S)                                                                                             \
  KERNEL arrange_parts_##S(int n, int width, T* out, int ldo, int to, const T* x, int ldx, int from) {            \
    parts(n, width, out, ldo, to, x, ldx, from);                                                                  \
  }                                                                                                               \
  KERNEL arrange_place_##S(int n, int whole, T* out, const T* dout, int width, int at) {                          \
    place(n, whole, out, dout, width, at);                                                                        \
  }                                                                                                               \
  KERNEL arrange_transpose_##S(int n, T* out, const T* x, int n0, int s0, int n1, int s1, int n2, int s2, int n3, \
                               int s3, int n4, int s4) {                                                          \
    transpose(n, out, x, s0, n1, s1, n2, s2, n3, s3, n4, s4);                                                     \
  }
BOTH(KERNELS)
