// Twin of softkernel.go.
#include "device.cuh"

// soft stores −(1/n) Σ q logp, q = (1 − s)p + s/k: one block.
template <typename T>
DEVICE void soft(int n, int k, T* out, const T* logp, const T* p, double s) {
  double sum = row_sum(n * k, [=](int i) {
    double q = (1 - s) * p[i] + s / k;
    return q != 0 ? q * logp[i] : 0;  // 0·log 0 is 0
  });
  if (thread() == 0) *out = -sum / n;
}

// soft_grad stores D/n (exp(logp) Σq − q): one block a row; out may be logp.
template <typename T>
DEVICE void soft_grad(int n, int k, T* out, const T* logp, const T* p, const T* dout, double s) {
  ROW(i, n) {
    double total = s + row_sum(k, [=](int j) { return (1 - s) * p[i * k + j]; });
    LANE(j, k) {
      double q = (1 - s) * p[i * k + j] + s / k;
      out[i * k + j] = (double)*dout / n * (total * exponential(logp[i * k + j]) - q);
    }
  }
}

// target_grad stores −D (1 − s)/n logp.
template <typename T>
DEVICE void target_grad(int n, int k, T* out, const T* logp, const T* dout, double s) {
  EACH(i, n * k) out[i] = -(double)*dout * (1 - s) / n * logp[i];
}

#define KERNELS(T, S)                                                                                                                  \
  KERNEL crossentropy_soft_##S(int n, int k, T* out, const T* logp, const T* p, double s) { soft(n, k, out, logp, p, s); }             \
  KERNEL crossentropy_soft_grad_##S(int n, int k, T* out, const T* logp, const T* p, const T* dout, double s) {                        \
    soft_grad(n, k, out, logp, p, dout, s);                                                                                            \
  }                                                                                                                                    \
  KERNEL crossentropy_target_grad_##S(int n, int k, T* out, const T* logp, const T* dout, double s) {                                  \
    target_grad(n, k, out, logp, dout, s);                                                                                             \
  }
BOTH(KERNELS)
