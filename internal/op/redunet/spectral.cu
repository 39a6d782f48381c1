// Twin of spectralkernel.go, but for the products, which are cuBLAS's, a batch of all
// frequencies.
#include "device.cuh"
#include "unit.cuh"

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

// sphere stores xᵢ/‖xᵢ‖, one block a sample, and reports one without a direction; y may
// be x.
template <typename T>
DEVICE void sphere(int f, int n, int d, T* y, const T* x, u64* status) {
  ROW(i, n) {
    double bad;
    bool ok = unit(
        f * d, [=](int t) { return x[(t / d * n + i) * d + t % d]; }, [=](int t, T v) { y[(t / d * n + i) * d + t % d] = v; }, &bad);
    if (!ok && thread() == 0) report(status, i, bad);
  }
}

// sphere_grad stores (D − ⟨D, y⟩y)/‖x‖, y being x/‖x‖.
template <typename T>
DEVICE void sphere_grad(int f, int n, int d, T* dx, const T* dout, const T* x) {
  ROW(i, n) {
    unit_grad<T>(
        f * d, [=](int t) { return dout[(t / d * n + i) * d + t % d]; }, [=](int t) { return x[(t / d * n + i) * d + t % d]; },
        [=](int t, T v) { dx[(t / d * n + i) * d + t % d] = v; });
  }
}

#define KERNELS(T, S)                                                                                                             \
  KERNEL redunet_spectral_stack_##S(int f, int c, int k, T* w, const T* e, const T* cs) { stack(f, c, k, w, e, cs); }             \
  KERNEL redunet_spectral_grad_##S(int f, int c, int count, T* out, const T* g) { spectral_grad(f, c, count, out, g); }           \
  KERNEL redunet_spectral_sphere_##S(int f, int n, int d, T* y, const T* x, u64* status) { sphere(f, n, d, y, x, status); }           \
  KERNEL redunet_spectral_sphere_grad_##S(int f, int n, int d, T* dx, const T* dout, const T* x) {                    \
    sphere_grad(f, n, d, dx, dout, x);                                                                                       \
  }
BOTH(KERNELS)
