// Twin of kernel.go. A gradient is gathered, pixel by pixel, from all that were taken
// from it, row by row.
#include "device.cuh"

// source returns where place u of an axis of that size comes from, −1 for nowhere:
// mode 0 is zeros, 1 reflects, 2 goes around, 3 repeats the edge.
DEVICE int source(int mode, int u, int size) {
  if (u >= 0 && u < size) return u;
  if (mode == 1) return u < 0 ? -u : 2 * size - 2 - u;
  if (mode == 2) return (u + size) % size;
  if (mode == 3) return u < 0 ? 0 : size - 1;
  return -1;
}

template <typename T>
DEVICE void pad(int planes, int h, int w, int oh, int ow, int top, int left, int mode, T* out, const T* x) {
  int size = oh * ow;
  EACH(at, planes * size) {
    int r = source(mode, at % size / ow - top, h), c = source(mode, at % ow - left, w);
    out[at] = r < 0 || c < 0 ? 0 : x[(at / size * h + r) * w + c];
  }
}

template <typename T>
DEVICE void grad(int planes, int h, int w, int oh, int ow, int top, int left, int mode, T* dx, const T* dout) {
  int size = h * w;
  EACH(at, planes * size) {
    T sum = 0;
    for (int u = 0; u < oh; u++) {
      if (source(mode, u - top, h) != at % size / w) continue;
      for (int v = 0; v < ow; v++)
        if (source(mode, v - left, w) == at % w) sum += dout[(at / size * oh + u) * ow + v];
    }
    dx[at] = sum;
  }
}

#define SHAPE int planes, int h, int w, int oh, int ow, int top, int left, int mode
#define KERNELS(T, S)                                                                                                           \
  KERNEL pad_pad_##S(SHAPE, T* out, const T* x) { pad(planes, h, w, oh, ow, top, left, mode, out, x); }                         \
  KERNEL pad_grad_##S(SHAPE, T* dx, const T* dout) { grad(planes, h, w, oh, ow, top, left, mode, dx, dout); }
BOTH(KERNELS)
