// The windows of kernel.go as matrices in memory, some samples at a time; the products
// with them are cuBLAS's.
#include "device.cuh"

// A Layout is n samples of c channels of h×w, and windows of kh×kw: element (k, p) of
// sample i, k = (c, r, s) and p = (a, b), is x[i, c, (a + r) mod h, (b + s) mod w], and
// lies at i·stride + k·ld + p.
struct Layout {
  int n, c, h, w, kh, kw, ld, stride;
};

// gather stores the windows.
template <typename T>
DEVICE void gather(Layout l, T* m, const T* x) {
  int size = l.h * l.w, rows = l.c * l.kh * l.kw;
  EACH(at, l.n * rows * size) {
    int p = at % size, k = at / size % rows, i = at / (size * rows);
    int s = k % l.kw, r = k / l.kw % l.kh, c = k / (l.kw * l.kh);
    int a = (p / l.w + r) % l.h, b = (p % l.w + s) % l.w;
    m[i * l.stride + k * l.ld + p] = x[((i * l.c + c) * l.h + a) * l.w + b];
  }
}

// scatter stores the adjoint: every number of x sums what it was gathered to.
template <typename T>
DEVICE void scatter(Layout l, T* x, const T* m) {
  int size = l.h * l.w;
  EACH(at, l.n * l.c * size) {
    int b = at % l.w, a = at / l.w % l.h, c = at / size % l.c, i = at / (size * l.c);
    T sum = 0;
    for (int r = 0; r < l.kh; r++)
      for (int s = 0; s < l.kw; s++)
        sum += m[i * l.stride + ((c * l.kh + r) * l.kw + s) * l.ld + (a - r + l.h) % l.h * l.w + (b - s + l.w) % l.w];
    x[at] = sum;
  }
}

// turn stores n samples of out channels as an out×(n·size) matrix.
template <typename T>
DEVICE void turn(int n, int out, int size, T* to, const T* d) {
  EACH(at, n * out * size) {
    int p = at % size, o = at / size % out, i = at / (size * out);
    to[(o * n + i) * size + p] = d[at];
  }
}

#define SHAPE int n, int c, int h, int w, int kh, int kw, int ld, int stride
#define LAYOUT Layout{n, c, h, w, kh, kw, ld, stride}
#define KERNELS(T, S)                                                                                  \
  KERNEL circular_gather_##S(SHAPE, T* m, const T* x) { gather(LAYOUT, m, x); }                        \
  KERNEL circular_scatter_##S(SHAPE, T* x, const T* m) { scatter(LAYOUT, x, m); }                      \
  KERNEL circular_turn_##S(int n, int out, int size, T* to, const T* d) { turn(n, out, size, to, d); }
BOTH(KERNELS)
