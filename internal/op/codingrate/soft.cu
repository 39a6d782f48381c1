// Twin of softkernel.go, but for Gram matrices and factors. Matrices of all classes
// have one size, s = min(n, d), and lie one after the other.
#include "device.cuh"

// sizes stores nⱼ = Σᵢ πᵢⱼ: a block a class. A membership that is negative or no
// number is reported, by its place in Π.
template <typename T>
DEVICE void sizes(int n, int k, double* out, const T* pi, u64* status) {
  ROW(j, k) {
    double sum = row_sum(n, [=](int i) { return (double)pi[i * k + j]; });
    if (thread() == 0) out[j] = sum;
    LANE(i, n) {
      double p = pi[i * k + j];
      if (status && !(p >= 0 && p < infinity())) report(status, i * k + j, p);
    }
  }
}

// weight returns √πᵢⱼ zᵢ, rounded as the host does.
template <typename T>
DEVICE T weight(T pi, T z) {
  return (T)root(pi) * z;
}

// weighted stores √πᵢⱼ zᵢ of every class, in float64.
template <typename T>
DEVICE void weighted(int n, int d, int k, double* out, const T* z, const T* pi) {
  EACH(at, k * n * d) {
    int j = at / (n * d), i = at / d % n;
    out[at] = weight(pi[i * k + j], z[at % (n * d)]);
  }
}

// grams adds I to αⱼ times the Gram matrices, and where a class is empty stores I;
// it stores where each begins.
DEVICE void grams(int k, int s, int d, double* l, double** at, const double* sizes, double eps2) {
  EACH(i, k * s * s) {
    int j = i / (s * s), diagonal = i % (s * s) / s == i % s;
    l[i] = sizes[j] > 0 ? d / (sizes[j] * eps2) * l[i] + diagonal : diagonal;
  }
  EACH(j, k) at[j] = l + j * s * s;
}

// check reports a class with a pivot that is no positive number.
DEVICE void check(int k, int s, const double* l, u64* status) {
  EACH(i, k * s) {
    double pivot = l[i / s * s * s + i % s * (s + 1)];
    if (!(pivot > 0 && pivot < infinity())) report(status, CLASS + i / s, 0);
  }
}

// rate stores Σⱼ nⱼ/n ½ logdet(LⱼLⱼᵀ): one block.
template <typename T>
DEVICE void rate(int n, int k, int s, T* out, const double* l, const double* sizes) {
  double sum = row_sum(k * s, [=](int at) { return sizes[at / s] / n * logarithm(l[at / s * s * s + at % s * (s + 1)]); });
  if (thread() == 0) *out = sum;
}

// inverses stores (LⱼLⱼᵀ)⁻¹ of every class, a thread a column, by substitution down
// and back up.
DEVICE void inverses(int k, int s, const double* all, double* out) {
  EACH(at, k * s) {
    int c = at % s;
    const double* l = all + at / s * s * s;
    double* inv = out + at / s * s * s;
    for (int i = 0; i < c; i++) inv[i * s + c] = 0;
    for (int i = c; i < s; i++) {
      double sum = i == c;
      for (int t = c; t < i; t++) sum -= l[i * s + t] * inv[t * s + c];
      inv[i * s + c] = sum / l[i * s + i];
    }
    for (int i = s - 1; i >= 0; i--) {
      double sum = inv[i * s + c];
      for (int t = i + 1; t < s; t++) sum -= l[t * s + i] * inv[t * s + c];
      inv[i * s + c] = sum / l[i * s + i];
    }
  }
}

// identities stores as many as there are factors, and where both begin.
DEVICE void identities(int k, int s, const double* l, double* inv, const double** at_l, double** at_inv) {
  EACH(i, k * s * s) inv[i] = i % (s * s) / s == i % s;
  EACH(j, k) at_l[j] = l + j * s * s, at_inv[j] = inv + j * s * s;
}

// grad_z stores Σⱼ c diag(√πⱼ) Zⱼ Gⱼ⁻¹, Zⱼ = diag(√πⱼ) Z, or with Hⱼ⁻¹ Zⱼ where n < d.
template <typename T>
DEVICE void grad_z(int n, int d, int k, T* dz, const T* z, const T* pi, const double* inv, const T* dout, double alpha) {
  double c = alpha * *dout;
  EACH(at, n * d) {
    int i = at / d, a = at % d;
    double total = 0;
    for (int j = 0; j < k; j++) {
      double sum = 0;
      if (n < d)
        for (int q = 0; q < n; q++) sum += (double)(T)(c * inv[(j * n + i) * n + q]) * weight(pi[q * k + j], z[q * d + a]);
      else
        for (int b = 0; b < d; b++) sum += (double)weight(pi[i * k + j], z[i * d + b]) * (T)(c * inv[(j * d + b) * d + a]);
      total += root(pi[i * k + j]) * sum;
    }
    dz[at] = total;
  }
}

// bases stores logdet Gⱼ − d + tr Gⱼ⁻¹: a block a class. Where n < d, inv is of Hⱼ.
DEVICE void bases(int n, int d, int k, double* out, const double* l, const double* inv) {
  int s = n < d ? n : d;
  ROW(j, k) {
    double v = row_sum(s, [=](int i) { return 2 * logarithm(l[j * s * s + i * (s + 1)]) + inv[j * s * s + i * (s + 1)]; });
    if (thread() == 0) out[j] = v - s;  // the trace of Gⱼ⁻¹ is d − n + that of Hⱼ⁻¹
  }
}

// quad returns xᵀ M x, x(i) being of s numbers, to every thread of a block.
template <typename F>
DEVICE double quad(int s, const double* m, F x) {
  return row_sum(s, [=](int p) {
    double sum = 0;
    for (int q = 0; q < s; q++) sum += m[q * s + p] * x(q);
    return sum * x(p);
  });
}

// grad_pi stores D/2n (baseⱼ + d/ε² zᵢᵀGⱼ⁻¹zᵢ): a block an element of Π. Where n < d,
// with K = ZZᵀ, zᵢᵀGⱼ⁻¹zᵢ = Kᵢᵢ − αⱼ (K w Hⱼ⁻¹ w K)ᵢᵢ, w = √πⱼ.
template <typename T>
DEVICE void grad_pi(int n, int d, int k, T* out, const T* z, const T* pi, const double* inv, const double* gram, const double* bases,
                    const double* sizes, const T* dout, double eps2) {
  ROW(at, n * k) {
    int i = at / k, j = at % k;
    double q;
    if (n < d) {
      double size = sizes[j] > 1.401298464324817e-45 ? sizes[j] : 1.401298464324817e-45;
      q = gram[i * n + i] - d / (size * eps2) * quad(n, inv + j * n * n, [=](int p) {
            return gram[i > p ? i * n + p : p * n + i] * root(pi[p * k + j]);
          });
    } else {
      q = quad(d, inv + j * d * d, [=](int p) { return (double)z[i * d + p]; });
    }
    if (thread() == 0) out[at] = *dout / (2.0 * n) * (bases[j] + d / eps2 * q);
  }
}

#define KERNELS(T, S)                                                                                                                  \
  KERNEL codingrate_soft_sizes_##S(int n, int k, double* out, const T* pi, u64* status) { sizes(n, k, out, pi, status); }              \
  KERNEL codingrate_soft_weighted_##S(int n, int d, int k, double* out, const T* z, const T* pi) { weighted(n, d, k, out, z, pi); }    \
  KERNEL codingrate_soft_grams_##S(int k, int s, int d, double* l, double** at, const double* sizes, double eps2) {                    \
    grams(k, s, d, l, at, sizes, eps2);                                                                                                \
  }                                                                                                                                    \
  KERNEL codingrate_soft_check_##S(int k, int s, const double* l, u64* status) { check(k, s, l, status); }                             \
  KERNEL codingrate_soft_rate_##S(int n, int k, int s, T* out, const double* l, const double* sizes) { rate(n, k, s, out, l, sizes); } \
  KERNEL codingrate_soft_inverses_##S(int k, int s, const double* l, double* inv) { inverses(k, s, l, inv); }                          \
  KERNEL codingrate_soft_identities_##S(int k, int s, const double* l, double* inv, const double** at_l, double** at_inv) {            \
    identities(k, s, l, inv, at_l, at_inv);                                                                                            \
  }                                                                                                                                    \
  KERNEL codingrate_soft_grad_z_##S(int n, int d, int k, T* dz, const T* z, const T* pi, const double* inv, const T* dout, double a) { \
    grad_z(n, d, k, dz, z, pi, inv, dout, a);                                                                                          \
  }                                                                                                                                    \
  KERNEL codingrate_soft_bases_##S(int n, int d, int k, double* out, const double* l, const double* inv) {                             \
    bases(n, d, k, out, l, inv);                                                                                                       \
  }                                                                                                                                    \
  KERNEL codingrate_soft_grad_pi_##S(int n, int d, int k, T* out, const T* z, const T* pi, const double* inv, const double* gram,      \
                                     const double* base, const double* sizes, const T* dout, double eps2) {                            \
    grad_pi(n, d, k, out, z, pi, inv, gram, base, sizes, dout, eps2);                                                                  \
  }
BOTH(KERNELS)
