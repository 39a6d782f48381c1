// What a construction on a device computes between the calls of cuBLAS and cuSOLVER.
// Matrices of all classes lie one after the other, at each of f frequencies of a class,
// and those of all samples last. A complex number is two reals in the matrices, and two
// planes in a network's parameters.
#include "device.cuh"

// gather stores rows[p][i] = z[p][order[i]] of d numbers, i below n, in float64. z has
// room for batch samples at each of f frequencies.
template <typename T>
DEVICE void gather(int f, int n, int batch, int d, double* rows, const T* z, const int* order) {
  EACH(at, f * n * d) {
    int c = at % d, i = at / d % n, p = at / (d * n);
    rows[at] = z[(p * batch + order[i]) * d + c];
  }
}

// total returns element i of the matrix of class j at a frequency, the first class's
// being at gram and the next ones step further, or the sum over all k classes.
DEVICE double total(int k, int j, int step, const double* gram, int i) {
  if (j < k) return gram[j * step + i];
  double sum = 0;
  for (int l = 0; l < k; l++) sum += gram[l * step + i];
  return sum;
}

// symmetric stores βI + αG, G of which there is the lower triangle: two numbers of each
// class in scale.
DEVICE void symmetric(int k, int d, double* m, const double* gram, const double* scale) {
  EACH(at, (k + 1) * d * d) {
    int j = at / (d * d), row = at / d % d, col = at % d;
    double g = total(k, j, d * d, gram, row > col ? row * d + col : col * d + row);
    m[at] = scale[2 * j] * g + (row == col ? scale[2 * j + 1] : 0);
  }
}

// hermitian stores βI + α Σ v vᴴ, of vectors v = x + iy whose rows (x, y) have the Gram
// matrix G, 2c×2c: two numbers of each class and frequency in scale.
DEVICE void hermitian(int k, int f, int c, double* m, const double* gram, const double* scale) {
  int d = 2 * c;
  EACH(at, (k + 1) * f * c * c) {
    int col = at % c, row = at / c % c, which = at / (c * c), j = which / f, p = which % f;
    const double* g = gram + p * d * d;
    double re = total(k, j, f * d * d, g, row * d + col) + total(k, j, f * d * d, g, (c + row) * d + c + col);
    double im = total(k, j, f * d * d, g, (c + row) * d + col) - total(k, j, f * d * d, g, row * d + c + col);
    m[2 * at] = scale[2 * which] * re + (row == col ? scale[2 * which + 1] : 0);
    m[2 * at + 1] = scale[2 * which] * im;
  }
}

// identities stores as many identities as there are matrices of side n, and where both
// begin; planes is 2 for complex ones.
DEVICE void identities(int count, int n, int planes, double* m, double* inv, double** at_m, double** at_inv) {
  EACH(at, count * n * n * planes) inv[at] = at % planes == 0 && at / planes / n % n == at / planes % n;
  EACH(j, count) at_m[j] = m + j * n * n * planes, at_inv[j] = inv + j * n * n * planes;
}

// logdets stores 2 Σ log Lᵢᵢ of every factor: a block a factor.
DEVICE void logdets(int count, int n, int planes, double* out, const double* l) {
  ROW(j, count) {
    double sum = row_sum(n, [=](int i) { return 2 * logarithm(l[(j * n * n + i * (n + 1)) * planes]); });
    if (thread() == 0) out[j] = sum;
  }
}

// weights stores βI + αX of every matrix, in planes: two numbers of each in scale.
template <typename T>
DEVICE void weights(int count, int n, int planes, T* w, const double* x, const double* scale) {
  EACH(at, count * planes * n * n) {
    int i = at % (n * n), plane = at / (n * n) % planes, j = at / (n * n * planes);
    double v = scale[2 * j] * x[(j * n * n + i) * planes + plane];
    w[at] = v + (plane == 0 && i / n == i % n ? scale[2 * j + 1] : 0);
  }
}

#define KERNELS(T, S)                                                                                                                 \
  KERNEL build_gather_##S(int f, int n, int batch, int d, double* rows, const T* z, const int* order) {                               \
    gather(f, n, batch, d, rows, z, order);                                                                                           \
  }                                                                                                                                   \
  KERNEL build_weights_##S(int count, int n, int planes, T* w, const double* x, const double* scale) {                                \
    weights(count, n, planes, w, x, scale);                                                                                           \
  }
BOTH(KERNELS)
KERNEL build_symmetric(int k, int d, double* m, const double* gram, const double* scale) { symmetric(k, d, m, gram, scale); }
KERNEL build_hermitian(int k, int f, int c, double* m, const double* gram, const double* scale) { hermitian(k, f, c, m, gram, scale); }
KERNEL build_identities(int count, int n, int planes, double* m, double* inv, double** at_m, double** at_inv) {
  identities(count, n, planes, m, inv, at_m, at_inv);
}
KERNEL build_logdets(int count, int n, int planes, double* out, const double* l) { logdets(count, n, planes, out, l); }
