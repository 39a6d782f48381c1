// Twin of spectralkernel.go, but for the products, which are cuBLAS's, a batch of all
// frequencies.
#include "device.cuh"

// stack stores the complex c×c matrices A + iB, E and then all Cⱼ, as the real
// [A −B; B A], one below the other, of each of f frequencies.
template <typename T>
DEVICE void stack(int f, int c, int k, T* w, const T* e, const T* cs) {
  int size = c * c, d = 2 * c;
  EACH(at, f * (k + 1) * size) {
    int s = at % c, r = at / c % c, j = at / size % (k + 1), p = at / (size * (k + 1));
    const T* m = j == 0 ? e + p * 2 * size : cs + ((j - 1) * f + p) * 2 * size;
    T re = m[r * c + s], im = m[size + r * c + s];
    T* to = w + (p * (k + 1) + j) * d * d;
    to[r * d + s] = to[(c + r) * d + c + s] = re;
    to[r * d + c + s] = -im;
    to[(c + r) * d + s] = im;
  }
}

// spectral_grad folds G = Dᵀz, count of them at each frequency: the real part is
// G₁₁ + G₂₂ and the imaginary one G₂₁ − G₁₂.
template <typename T>
DEVICE void spectral_grad(int f, int c, int count, T* out, const T* g) {
  int size = c * c, d = 2 * c;
  EACH(at, f * count * size) {
    int s = at % c, r = at / c % c, j = at / size % count, p = at / (size * count);
    const T* own = g + (p * count + j) * d * d;
    T* to = out + (j * f + p) * 2 * size;
    to[r * c + s] = own[r * d + s] + own[(c + r) * d + c + s];
    to[size + r * c + s] = own[(c + r) * d + s] - own[r * d + c + s];
  }
}

// norm returns ‖xᵢ‖₂ over all frequencies to every thread of the block.
template <typename T>
DEVICE double norm(int f, int n, int d, int i, const T* x) {
  return root(row_sum(f * d, [=](int t) {
    double v = x[(t / d * n + i) * d + t % d];
    return v * v;
  }));
}

// sphere stores xᵢ/max(‖xᵢ‖, ε), one block a sample; y may be x.
template <typename T>
DEVICE void sphere(int f, int n, int d, T* y, const T* x, double eps) {
  ROW(i, n) {
    double r = norm(f, n, d, i, x);
    T c = 1 / (r < eps ? eps : r);
    LANE(t, f * d) {
      int at = (t / d * n + i) * d + t % d;
      y[at] = c * x[at];
    }
  }
}

// sphere_grad stores (D − ⟨D, y⟩y)/‖x‖, y being x/‖x‖, or D/ε where the norm is
// clamped.
template <typename T>
DEVICE void sphere_grad(int f, int n, int d, T* dx, const T* dout, const T* x, double eps) {
  ROW(i, n) {
    double r = norm(f, n, d, i, x);
    double dot = row_sum(f * d, [=](int t) {
      int at = (t / d * n + i) * d + t % d;
      return (double)dout[at] * x[at];
    });
    T along = dot / (r * r * r);
    if (r <= eps) r = eps, along = 0;
    T c = 1 / r;
    LANE(t, f * d) {
      int at = (t / d * n + i) * d + t % d;
      dx[at] = c * dout[at] - along * x[at];
    }
  }
}

#define KERNELS(T, S)                                                                                                             \
  KERNEL redunet_spectral_stack_##S(int f, int c, int k, T* w, const T* e, const T* cs) { stack(f, c, k, w, e, cs); }             \
  KERNEL redunet_spectral_grad_##S(int f, int c, int count, T* out, const T* g) { spectral_grad(f, c, count, out, g); }           \
  KERNEL redunet_spectral_sphere_##S(int f, int n, int d, T* y, const T* x, double eps) { sphere(f, n, d, y, x, eps); }           \
  KERNEL redunet_spectral_sphere_grad_##S(int f, int n, int d, T* dx, const T* dout, const T* x, double eps) {                    \
    sphere_grad(f, n, d, dx, dout, x, eps);                                                                                       \
  }
BOTH(KERNELS)
