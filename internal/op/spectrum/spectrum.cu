// Twin of kernel.go, but for the products, which are cuBLAS's.
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

#define KERNELS(T, S)                                                                                    \
  KERNEL spectrum_half_matrix_##S(int h, T* m) { half_matrix(h, m); }                                    \
  KERNEL spectrum_whole_matrix_##S(int w, T* m) { whole_matrix(w, m); }                                  \
  KERNEL spectrum_sort_##S(int n, int c, int rows, int width, T* spectra, T* z, int to_z) {              \
    sort(n, c, rows, width, spectra, z, to_z);                                                           \
  }
BOTH(KERNELS)
