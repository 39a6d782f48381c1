// The patches of kernel.go as matrices in memory, some images at a time; the
// products with them are cuBLAS's.
#include "device.cuh"

// A Patches says where the taps of a filter meet the pixels: element (k, p) of image
// i, k = (c, r, s) and p = (u, v), is x[i, c0 + c, u·sy + r·dy − py, v·sx + s·dx − px],
// and lies at i·stride + k·ld + p.
struct Patches {
  int images, all, c0, c, h, w;  // of x
  int kh, kw, oh, ow;
  int sy, sx, py, px, dy, dx;
  int ld, stride;
};

// gather stores the patches.
template <typename T>
DEVICE void gather(Patches g, T* cols, const T* x) {
  int pixels = g.oh * g.ow, rows = g.c * g.kh * g.kw;
  EACH(at, g.images * rows * pixels) {
    int p = at % pixels, k = at / pixels % rows, i = at / (pixels * rows);
    int s = k % g.kw, r = k / g.kw % g.kh, c = k / (g.kw * g.kh);
    int y = p / g.ow * g.sy + r * g.dy - g.py, z = p % g.ow * g.sx + s * g.dx - g.px;
    bool in = y >= 0 && y < g.h && z >= 0 && z < g.w;
    cols[i * g.stride + k * g.ld + p] = in ? x[((i * g.all + g.c0 + c) * g.h + y) * g.w + z] : 0;
  }
}

// scatter stores the adjoint: every pixel of x sums what it was gathered to, in the
// order of the taps.
template <typename T>
DEVICE void scatter(Patches g, T* x, const T* cols) {
  int size = g.h * g.w;
  EACH(at, g.images * g.c * size) {
    int b = at % g.w, a = at / g.w % g.h, c = at / size % g.c, i = at / (size * g.c);
    T sum = 0;
    for (int r = 0; r < g.kh; r++) {
      int u = a + g.py - r * g.dy;
      if (u < 0 || u % g.sy || u / g.sy >= g.oh) continue;
      for (int s = 0; s < g.kw; s++) {
        int v = b + g.px - s * g.dx;
        if (v < 0 || v % g.sx || v / g.sx >= g.ow) continue;
        sum += cols[i * g.stride + ((c * g.kh + r) * g.kw + s) * g.ld + u / g.sy * g.ow + v / g.sx];
      }
    }
    x[((i * g.all + g.c0 + c) * g.h + a) * g.w + b] = sum;
  }
}

// turn stores channels m0, …, m0+m−1 of some images as an m×(images·pixels) matrix.
template <typename T>
DEVICE void turn(int images, int m, int pixels, T* out, const T* d, int all, int m0) {
  EACH(at, images * m * pixels) {
    int p = at % pixels, j = at / pixels % m, i = at / (pixels * m);
    out[(j * images + i) * pixels + p] = d[(i * all + m0 + j) * pixels + p];
  }
}

// bias stores x plus a number a channel in out, which may be x.
template <typename T>
DEVICE void bias(int n, int channels, int pixels, T* out, const T* x, const T* b) {
  EACH(i, n) out[i] = x[i] + b[i / pixels % channels];
}

// bias_grad stores the sum of each channel: a block a channel.
template <typename T>
DEVICE void bias_grad(int n, int channels, int pixels, T* out, const T* dout) {
  ROW(c, channels) {
    double s = row_sum(n * pixels, [=](int i) { return (double)dout[(i / pixels * channels + c) * pixels + i % pixels]; });
    if (thread() == 0) out[c] = s;
  }
}

#define GEOMETRY                                                                                                                     \
  int images, int all, int c0, int c, int h, int w, int kh, int kw, int oh, int ow, int sy, int sx, int py, int px, int dy, int dx,  \
      int ld, int stride
#define PATCHES Patches{images, all, c0, c, h, w, kh, kw, oh, ow, sy, sx, py, px, dy, dx, ld, stride}
#define KERNELS(T, S)                                                                                                                \
  KERNEL conv_gather_##S(GEOMETRY, T* cols, const T* x) { gather(PATCHES, cols, x); }                                                \
  KERNEL conv_scatter_##S(GEOMETRY, T* x, const T* cols) { scatter(PATCHES, x, cols); }                                              \
  KERNEL conv_turn_##S(int images, int m, int pixels, T* out, const T* d, int all, int m0) {                                         \
    turn(images, m, pixels, out, d, all, m0);                                                                                        \
  }                                                                                                                                  \
  KERNEL conv_bias_##S(int n, int channels, int pixels, T* out, const T* x, const T* b) { bias(n, channels, pixels, out, x, b); }    \
  KERNEL conv_bias_grad_##S(int n, int channels, int pixels, T* out, const T* dout) { bias_grad(n, channels, pixels, out, dout); }
BOTH(KERNELS)
