// The device's side of the op: short signals by products, which are cuBLAS's, with
// the matrices that are made here; others by cuFFT, whose spectra are sorted here.
#include "device.cuh"

// A Wave is a cosine and a sine.
struct Wave {
  double cos, sin;
};

// wave returns them of 2πa/n, 0 ≤ a < n, to about one unit in the last place: the
// angle is reduced to πm/2n ≤ π/4 in integers, where Taylor's series take it.
DEVICE Wave wave(int a, int n) {
  u64 whole = n, m = 4 * (u64)a;
  bool below = m > 2 * whole;
  if (below) m = 4 * whole - m;
  bool left = m > whole;
  if (left) m = 2 * whole - m;
  bool swap = 2 * m > whole;
  if (swap) m = whole - m;
  double x = 1.5707963267948966192 * ((double)m / n), z = x * x;
  double c = 1, s = 1;
  for (int i = 18; i >= 2; i -= 2) {
    c = 1 - z * c / (i * (i - 1));
    s = 1 - z * s / (i * (i + 1));
  }
  s *= x;
  double cos = swap ? s : c, sin = swap ? c : s;
  return Wave{left ? -cos : cos, below ? -sin : sin};
}

// half_matrix stores the transform of the first axis: 2f×h, the cosines and then the
// sines of each frequency, weighted.
template <typename T>
DEVICE void half_matrix(int h, T* m) {
  int f = h / 2 + 1;
  EACH(at, f * h) {
    int t = at % h, p = at / h;
    double w = root((p == 0 || 2 * p == h ? 1.0 : 2.0) / h);
    Wave v = wave((u64)p * t % h, h);
    m[at] = w * v.cos;
    m[f * h + at] = -w * v.sin;
  }
}

// whole_matrix stores the transform of the second axis: 2w×2w, such that [a b] times
// it is the transform of the complex row a + ib, real parts first.
template <typename T>
DEVICE void whole_matrix(int w, T* m) {
  EACH(at, w * w) {
    int q = at % w, t = at / w;
    double unit = root(1.0 / w);
    Wave v = wave((u64)q * t % w, w);
    T c = unit * v.cos, s = -unit * v.sin;
    m[t * 2 * w + q] = m[(w + t) * 2 * w + w + q] = c;
    m[t * 2 * w + w + q] = s;
    m[(w + t) * 2 * w + q] = -s;
  }
}

// sort moves numbers between spectra, where the c channels of each of n samples lie
// one after the other, rows of 2·width each, and z (f×n×2c), f = rows·width.
template <typename T>
DEVICE void sort(int n, int c, int rows, int width, T* spectra, T* z, int to_z) {
  EACH(at, rows * width * n * 2 * c) {
    int k = at % c, part = at / c % 2, i = at / (2 * c) % n, p = at / (2 * c * n);
    int from = ((i * c + k) * rows + p / width) * 2 * width + part * width + p % width;
    if (to_z)
      z[at] = spectra[from];
    else
      spectra[from] = z[at];
  }
}

// A Half is the spectra that cuFFT makes of n·c images of h×w: the last axis has w/2+1
// frequencies, and what is left out is a conjugate. The op halves the first axis of an
// image instead; signals of length w are rows of h = 1.
struct Half {
  int n, c, h, w, image;
  DEVICE_MEMBER int width() const { return w / 2 + 1; }
  DEVICE_MEMBER int size() const { return n * c * h * width(); }
  DEVICE_MEMBER int at(int i, int k, int u, int v) const { return 2 * (((i * c + k) * h + u) * width() + v); }
};

// A Place is which row and column of frequencies a p is, of the op's.
struct Place {
  int u, v;
  double weight;
};

// place_of returns it, with the factor of the op. Signals have it in v.
DEVICE Place place_of(Half x, int p) {
  int u = p / x.w, v = p % x.w;
  int halved = x.image ? u : v, side = x.image ? x.h : x.w;
  double once = halved == 0 || 2 * halved == side ? 1 : 2;
  return Place{u, v, root(once / ((double)x.h * x.w))};
}

// sorted stores z (f×n×2c) of the spectra of cuFFT.
template <typename T>
DEVICE void sorted(Half x, int f, T* z, const T* spectra) {
  EACH(at, f * x.n * 2 * x.c) {
    int k = at % x.c, imaginary = at / x.c % 2, i = at / (2 * x.c) % x.n;
    Place p = place_of(x, at / (2 * x.c * x.n));
    bool mirrored = p.v >= x.width();
    int from = mirrored ? x.at(i, k, p.u == 0 ? 0 : x.h - p.u, x.w - p.v) : x.at(i, k, p.u, p.v);
    z[at] = p.weight * (mirrored && imaginary ? -spectra[from + 1] : spectra[from + imaginary]);
  }
}

// A Complex number.
struct Complex {
  double re, im;
};

// unsorted stores, for cuFFT's inverse, the half of the Hermitian part of z, the
// transpose of sorted: ½ z(p) + ½ conj z(−p), where z has these.
template <typename T>
DEVICE void unsorted(Half x, T* spectra, const T* z) {
  auto weighted = [=](int i, int k, int u, int v) {
    bool kept = x.image ? 2 * u <= x.h : 2 * v <= x.w;
    if (!kept) return Complex{0, 0};
    Place p = place_of(x, u * x.w + v);
    const T* from = z + ((u * x.w + v) * x.n + i) * 2 * x.c + k;
    return Complex{p.weight / 2 * from[0], p.weight / 2 * from[x.c]};
  };
  EACH(at, x.size()) {
    int v = at % x.width(), u = at / x.width() % x.h, k = at / (x.width() * x.h) % x.c, i = at / (x.width() * x.h * x.c);
    Complex here = weighted(i, k, u, v), there = weighted(i, k, u == 0 ? 0 : x.h - u, v == 0 ? 0 : x.w - v);
    spectra[2 * at] = here.re + there.re;
    spectra[2 * at + 1] = here.im - there.im;
  }
}

#define KERNELS(T, S)                                                                                    \
  KERNEL spectrum_half_matrix_##S(int h, T* m) { half_matrix(h, m); }                                    \
  KERNEL spectrum_whole_matrix_##S(int w, T* m) { whole_matrix(w, m); }                                  \
  KERNEL spectrum_sort_##S(int n, int c, int rows, int width, T* spectra, T* z, int to_z) {              \
    sort(n, c, rows, width, spectra, z, to_z);                                                           \
  }                                                                                                      \
  KERNEL spectrum_sorted_##S(int n, int c, int h, int w, int image, int f, T* z, const T* spectra) {     \
    sorted(Half{n, c, h, w, image}, f, z, spectra);                                                      \
  }                                                                                                      \
  KERNEL spectrum_unsorted_##S(int n, int c, int h, int w, int image, T* spectra, const T* z) {          \
    unsorted(Half{n, c, h, w, image}, spectra, z);                                                       \
  }
BOTH(KERNELS)
