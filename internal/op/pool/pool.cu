// Twin of kernel.go. A gradient is gathered, pixel by pixel, from the windows that
// have the pixel, row by row.
#include "device.cuh"

// A Window is images of h×w, oh×ow windows of them, and what a window is.
struct Window {
  int h, w, oh, ow, ky, kx, sy, sx, py, px, dy, dx, inside;
};

// largest returns where the first of the largest numbers of window (u, v) is, or the
// last NaN, or −1 if it has no pixel.
template <typename T>
DEVICE int largest(Window k, const T* in, int u, int v) {
  int best = -1;
  for (int r = 0; r < k.ky; r++) {
    int y = u * k.sy - k.py + r * k.dy;
    if (y < 0 || y >= k.h) continue;
    for (int s = 0; s < k.kx; s++) {
      int x = v * k.sx - k.px + s * k.dx;
      if (x < 0 || x >= k.w) continue;
      T here = in[y * k.w + x];
      if (best < 0 || here > in[best] || here != here) best = y * k.w + x;
    }
  }
  return best;
}

template <typename T>
DEVICE void max_(int planes, Window k, T* out, const T* in) {
  int size = k.oh * k.ow;
  EACH(at, planes * size) {
    const T* plane = in + at / size * k.h * k.w;
    int best = largest(k, plane, at % size / k.ow, at % k.ow);
    out[at] = best < 0 ? -(T)infinity() : plane[best];
  }
}

// length returns how many pixels of an axis window u counts.
DEVICE int length(int u, int size, int k, int step, int pad, int inside) {
  int lo = u * step - pad, hi = lo + k;
  if (hi > size + pad) hi = size + pad;
  if (inside && lo < 0) lo = 0;
  if (inside && hi > size) hi = size;
  return hi - lo;
}

DEVICE int count(Window k, int u, int v) {
  return length(u, k.h, k.ky, k.sy, k.py, k.inside) * length(v, k.w, k.kx, k.sx, k.px, k.inside);
}

template <typename T>
DEVICE void mean(int planes, Window k, T* out, const T* in) {
  int size = k.oh * k.ow;
  EACH(at, planes * size) {
    const T* plane = in + at / size * k.h * k.w;
    int u = at % size / k.ow, v = at % k.ow;
    double sum = 0;
    for (int r = 0; r < k.ky; r++)
      for (int s = 0; s < k.kx; s++) {
        int y = u * k.sy - k.py + r, x = v * k.sx - k.px + s;
        if (y >= 0 && y < k.h && x >= 0 && x < k.w) sum += plane[y * k.w + x];
      }
    out[at] = sum / count(k, u, v);
  }
}

// windows calls f(u, v) with the windows that have pixel (y, x), row by row.
template <typename F>
DEVICE void windows(Window k, int y, int x, F f) {
  for (int r = k.ky - 1; r >= 0; r--) {
    int u = y + k.py - r * k.dy;
    if (u < 0 || u % k.sy || u / k.sy >= k.oh) continue;
    for (int s = k.kx - 1; s >= 0; s--) {
      int v = x + k.px - s * k.dx;
      if (v < 0 || v % k.sx || v / k.sx >= k.ow) continue;
      f(u / k.sy, v / k.sx);
    }
  }
}

template <typename T>
DEVICE void max_grad(int planes, Window k, T* dx, const T* in, const T* dout) {
  int size = k.h * k.w;
  EACH(at, planes * size) {
    const T *plane = in + at / size * size, *d = dout + at / size * k.oh * k.ow;
    int here = at % size;
    T sum = 0;
    windows(k, here / k.w, here % k.w, [&](int u, int v) {
      if (largest(k, plane, u, v) == here) sum += d[u * k.ow + v];
    });
    dx[at] = sum;
  }
}

template <typename T>
DEVICE void mean_grad(int planes, Window k, T* dx, const T* dout) {
  int size = k.h * k.w;
  EACH(at, planes * size) {
    const T* d = dout + at / size * k.oh * k.ow;
    T sum = 0;
    windows(k, at % size / k.w, at % k.w, [&](int u, int v) { sum += d[u * k.ow + v] / (T)count(k, u, v); });
    dx[at] = sum;
  }
}

#define SHAPE int planes, int h, int w, int oh, int ow, int ky, int kx, int sy, int sx, int py, int px, int dy, int dx, int inside
#define WINDOW planes, Window{h, w, oh, ow, ky, kx, sy, sx, py, px, dy, dx, inside}
#define KERNELS(T, S)                                                                                            \
  KERNEL pool_max_##S(SHAPE, T* out, const T* in) { max_(WINDOW, out, in); }                                     \
  KERNEL pool_mean_##S(SHAPE, T* out, const T* in) { mean(WINDOW, out, in); }                                    \
  KERNEL pool_max_grad_##S(SHAPE, T* out, const T* in, const T* dout) { max_grad(WINDOW, out, in, dout); }       \
  KERNEL pool_mean_grad_##S(SHAPE, T* out, const T* dout) { mean_grad(WINDOW, out, dout); }
BOTH(KERNELS)
