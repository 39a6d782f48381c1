// Twin of kernel.go.
#include "device.cuh"

// A Geometry is how z and u lie: blocks of n samples of d numbers, and of k+1 times d.
struct Geometry {
  int blocks, n, k, d;
  DEVICE_MEMBER int z(int p, int i) const { return (p * n + i) * d; }
  DEVICE_MEMBER int u(int p, int i, int j) const { return ((p * n + i) * (k + 1) + j) * d; }
};

// step stores z + η (u₀ − Σⱼ γⱼ πᵢⱼ uⱼ).
template <typename T>
DEVICE void step(Geometry g, T* out, const T* z, const T* u, const T* pi, const T* gamma, T eta) {
  EACH(at, g.blocks * g.n * g.d) {
    int c = at % g.d, i = at / g.d % g.n, p = at / (g.d * g.n);
    T sum = z[at] + eta * u[g.u(p, i, 0) + c];
    for (int j = 0; j < g.k; j++) {
      T w = pi[i * g.k + j] * gamma[j];
      if (w != 0) sum -= eta * w * u[g.u(p, i, j + 1) + c];
    }
    out[at] = sum;
  }
}

// step_grad_u stores ηD for u₀ and −η γⱼ πᵢⱼ D for uⱼ.
template <typename T>
DEVICE void step_grad_u(Geometry g, T* du, const T* dout, const T* pi, const T* gamma, T eta) {
  EACH(at, g.blocks * g.n * (g.k + 1) * g.d) {
    int c = at % g.d, j = at / g.d % (g.k + 1) - 1, row = at / (g.d * (g.k + 1)), i = row % g.n;
    du[at] = (j < 0 ? eta : -eta * gamma[j] * pi[i * g.k + j]) * dout[row * g.d + c];
  }
}

// inner stores hᵢⱼ = ⟨Dᵢ, uⱼᵢ⟩: one block a number.
template <typename T>
DEVICE void inner(Geometry g, T* h, const T* dout, const T* u) {
  ROW(at, g.n * g.k) {
    int i = at / g.k, j = at % g.k + 1;
    double sum = row_sum(g.blocks * g.d, [=](int t) { return (double)dout[g.z(t / g.d, i) + t % g.d] * u[g.u(t / g.d, i, j) + t % g.d]; });
    if (thread() == 0) h[at] = sum;
  }
}

// step_grad_pi stores −η γⱼ hᵢⱼ.
template <typename T>
DEVICE void step_grad_pi(int n, int k, T* dpi, const T* h, const T* gamma, T eta) {
  EACH(at, n * k) dpi[at] = -eta * gamma[at % k] * h[at];
}

// step_grad_gamma stores −η Σᵢ πᵢⱼ hᵢⱼ.
template <typename T>
DEVICE void step_grad_gamma(int n, int k, T* dgamma, const T* h, const T* pi, T eta) {
  column_sums(n, k, [=](int i, int j) { return (double)pi[i * k + j] * h[i * k + j]; }, [=](int j, double s) { dgamma[j] = -eta * s; });
}

// squares stores ‖uⱼᵢ‖², j from 1: one block a number.
template <typename T>
DEVICE void squares(Geometry g, T* s, const T* u) {
  ROW(at, g.n * g.k) {
    int i = at / g.k, j = at % g.k + 1;
    double sum = row_sum(g.blocks * g.d, [=](int t) {
      double x = u[g.u(t / g.d, i, j) + t % g.d];
      return x * x;
    });
    if (thread() == 0) s[at] = sum;
  }
}

// softmin overwrites each row of squares by softmax(−λ√s). A NaN spreads to all.
template <typename T>
DEVICE void softmin(int n, int k, T* rows, double lambda) {
  EACH(i, n) {
    T* s = rows + i * k;
    double most = -infinity(), sum = 0;
    for (int j = 0; j < k; j++) most = larger(most, -root(s[j]));
    for (int j = 0; j < k; j++) sum += exponential(-lambda * (root(s[j]) + most));
    for (int j = 0; j < k; j++) s[j] = exponential(-lambda * (root(s[j]) + most)) / sum;
  }
}

// one_hot overwrites each row of squares by 1 for the least and 0 for the others.
template <typename T>
DEVICE void one_hot(int n, int k, T* rows) {
  EACH(i, n) {
    T* s = rows + i * k;
    int at = 0;
    for (int j = 1; j < k; j++)
      if (s[j] < s[at]) at = j;
    for (int j = 0; j < k; j++) s[j] = j == at;
  }
}

// factors overwrites squares by −λ πᵢⱼ (Pᵢⱼ − Σₗ πᵢₗ Pᵢₗ)/√s, or leaves a 0.
template <typename T>
DEVICE void factors(int n, int k, T* rows, const T* pi, const T* dpi, double lambda) {
  EACH(i, n) {
    T* s = rows + i * k;
    double mean = 0;
    for (int j = 0; j < k; j++) mean += (double)pi[i * k + j] * dpi[i * k + j];
    for (int j = 0; j < k; j++) {
      double norm = root(s[j]);
      if (norm > 0) s[j] = -lambda * pi[i * k + j] * (dpi[i * k + j] - mean) / norm;
    }
  }
}

// membership_grad stores 0 for u₀ and the factor's multiple of uⱼ.
template <typename T>
DEVICE void membership_grad(Geometry g, T* du, const T* u, const T* factor) {
  EACH(at, g.blocks * g.n * (g.k + 1) * g.d) {
    int j = at / g.d % (g.k + 1) - 1, i = at / (g.d * (g.k + 1)) % g.n;
    du[at] = j < 0 ? 0 : factor[i * g.k + j] * u[at];
  }
}

#define SHAPE int blocks, int n, int k, int d
#define GEOMETRY Geometry{blocks, n, k, d}
#define KERNELS(T, S)                                                                                                             \
  KERNEL redunet_step_##S(SHAPE, T* out, const T* z, const T* u, const T* pi, const T* gamma, T eta) {                            \
    step(GEOMETRY, out, z, u, pi, gamma, eta);                                                                                    \
  }                                                                                                                               \
  KERNEL redunet_step_grad_u_##S(SHAPE, T* du, const T* dout, const T* pi, const T* gamma, T eta) {                               \
    step_grad_u(GEOMETRY, du, dout, pi, gamma, eta);                                                                              \
  }                                                                                                                               \
  KERNEL redunet_inner_##S(SHAPE, T* h, const T* dout, const T* u) { inner(GEOMETRY, h, dout, u); }                               \
  KERNEL redunet_step_grad_pi_##S(int n, int k, T* dpi, const T* h, const T* gamma, T eta) {                                      \
    step_grad_pi(n, k, dpi, h, gamma, eta);                                                                                       \
  }                                                                                                                               \
  KERNEL redunet_step_grad_gamma_##S(int n, int k, T* dgamma, const T* h, const T* pi, T eta) {                                   \
    step_grad_gamma(n, k, dgamma, h, pi, eta);                                                                                    \
  }                                                                                                                               \
  KERNEL redunet_squares_##S(SHAPE, T* s, const T* u) { squares(GEOMETRY, s, u); }                                                \
  KERNEL redunet_softmin_##S(int n, int k, T* rows, double lambda) { softmin(n, k, rows, lambda); }                               \
  KERNEL redunet_one_hot_##S(int n, int k, T* rows) { one_hot(n, k, rows); }                                                      \
  KERNEL redunet_factors_##S(int n, int k, T* rows, const T* pi, const T* dpi, double lambda) {                                   \
    factors(n, k, rows, pi, dpi, lambda);                                                                                         \
  }                                                                                                                               \
  KERNEL redunet_membership_grad_##S(SHAPE, T* du, const T* u, const T* factor) { membership_grad(GEOMETRY, du, u, factor); }
BOTH(KERNELS)
