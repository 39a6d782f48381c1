// Twin of kernel.go: one block a sequence, a thread for each number of a token or for each
// token and head.
#include "device.cuh"

// Sums are those of a sequence, in scratch.
struct Sums {
  double *v, *t, *a, *dv, *pi, *u, *s, *ds;
};

DEVICE Sums sums_of(double* work, int b, int n, int d, int heads) {
  double* at = work + (long long)b * (4 * d + 2 * (n + 1) * heads);
  Sums x;
  x.v = at, x.t = at + d, x.a = at + 2 * d, x.dv = at + 3 * d, x.pi = at + 4 * d;
  x.u = x.pi + n * heads, x.s = x.u + n * heads, x.ds = x.s + heads;
  return x;
}

// statistics computes V, Π, T, S and a of the tokens w.
template <typename T>
DEVICE void statistics(Sums x, int n, int d, int heads, const T* w, const T* temp) {
  int p = d / heads;
  LANE(j, d) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)w[i * d + j] * w[i * d + j];
    x.v[j] = sum > 1e-24 ? sum : sum == sum ? 1e-24 : sum;
  }
  barrier();
  LANE(i, n) {
    double top = -infinity(), sum = 0;
    for (int h = 0; h < heads; h++) {
      double s = 0;
      for (int j = h * p; j < (h + 1) * p; j++) s += (double)w[i * d + j] * w[i * d + j] / x.v[j];
      x.pi[i * heads + h] = s * temp[h];
      x.u[i * heads + h] = s;
      top = larger(s * temp[h], top);
    }
    for (int h = 0; h < heads; h++) sum += x.pi[i * heads + h] = exponential(x.pi[i * heads + h] - top);
    for (int h = 0; h < heads; h++) x.pi[i * heads + h] /= sum;
  }
  barrier();
  LANE(j, d) {
    int h = j / p;
    double t = 0, s = 1e-8;
    for (int i = 0; i < n; i++) {
      t += x.pi[i * heads + h] * w[i * d + j] * w[i * d + j];
      s += x.pi[i * heads + h];
    }
    x.t[j] = t, x.a[j] = 1 / (1 + t / s);
    if (j % p == 0) x.s[h] = s;
  }
  barrier();
}

template <typename T>
DEVICE void forward(int batch, int n, int d, int heads, T* out, const T* tokens, const T* temp, double* work) {
  ROW(b, batch) {
    const T* w = tokens + b * n * d;
    Sums x = sums_of(work, b, n, d, heads);
    statistics(x, n, d, heads, w, temp);
    LANE(at, n * d) out[b * n * d + at] = -w[at] * x.pi[at / d * heads + at % d / (d / heads)] * x.a[at % d];
    barrier();
  }
}

template <typename T>
DEVICE void grads(int batch, int n, int d, int heads, T* out, const T* douts, const T* tokens, const T* temp, double* work) {
  int p = d / heads;
  ROW(b, batch) {
    const T *w = tokens + b * n * d, *dout = douts + b * n * d;
    Sums x = sums_of(work, b, n, d, heads);
    statistics(x, n, d, heads, w, temp);
    LANE(j, d) {
      double sum = 0;
      for (int i = 0; i < n; i++) sum += (double)dout[i * d + j] * w[i * d + j] * x.pi[i * heads + j / p];
      x.dv[j] = x.a[j] * x.a[j] * sum;  // dm
    }
    barrier();
    LANE(h, heads) {
      double ds = 0, dtemp = 0;
      for (int j = h * p; j < (h + 1) * p; j++) ds -= x.dv[j] * x.t[j] / (x.s[h] * x.s[h]);
      x.ds[h] = ds;
    }
    barrier();
    LANE(j, d) x.t[j] = x.dv[j] / x.s[j / p];  // dT
    barrier();
    T* dtemp = out + batch * n * d + b * heads;
    LANE(h, heads) dtemp[h] = 0;
    LANE(i, n) {  // ds, in the place of Π's u; the score without temp stays in x.u until then
      double along = 0;
      for (int h = 0; h < heads; h++) {
        double sum = x.ds[h];
        for (int j = h * p; j < (h + 1) * p; j++) {
          double v = w[i * d + j];
          sum += v * (v * x.t[j] - dout[i * d + j] * x.a[j]);
        }
        out[b * n * d + i * d + h] = sum;
        along += sum * x.pi[i * heads + h];
      }
      for (int h = 0; h < heads; h++) {
        double ds = x.pi[i * heads + h] * (out[b * n * d + i * d + h] - along);
        out[b * n * d + i * d + h] = ds * x.u[i * heads + h];  // of temp
        x.u[i * heads + h] = ds * temp[h];
      }
    }
    barrier();
    LANE(h, heads) {
      double sum = 0;
      for (int i = 0; i < n; i++) sum += out[b * n * d + i * d + h];
      dtemp[h] = sum;
    }
    LANE(j, d) {
      double sum = 0;
      for (int i = 0; i < n; i++) sum += x.u[i * heads + j / p] * w[i * d + j] * w[i * d + j];
      x.dv[j] = x.v[j] > 1e-24 ? -sum / (x.v[j] * x.v[j]) : 0;
    }
    barrier();
    LANE(at, n * d) {
      int j = at % d, h = j / p;
      double pi = x.pi[at / d * heads + h], u = x.u[at / d * heads + h];
      out[b * n * d + at] = -dout[at] * pi * x.a[j] + 2 * w[at] * (pi * x.t[j] + u / x.v[j] + x.dv[j]);
    }
    barrier();
  }
}

// temp adds the gradients of the sequences.
template <typename T>
DEVICE void temp_of(int heads, int batch, int from, T* out, const T* all) {
  EACH(h, heads) {
    double sum = 0;
    for (int b = 0; b < batch; b++) sum += all[from + b * heads + h];
    out[h] = sum;
  }
}

#define KERNELS(T, S)                                                                                                          \
  KERNEL tokenstats_forward_##S(int batch, int n, int d, int heads, T* out, const T* w, const T* temp, double* work) {         \
    forward(batch, n, d, heads, out, w, temp, work);                                                                           \
  }                                                                                                                            \
  KERNEL tokenstats_grads_##S(int batch, int n, int d, int heads, T* out, const T* dout, const T* w, const T* temp,            \
                              double* work) {                                                                                  \
    grads(batch, n, d, heads, out, dout, w, temp, work);                                                                       \
  }                                                                                                                            \
  KERNEL tokenstats_temp_##S(int heads, int batch, int from, T* out, const T* all) { temp_of(heads, batch, from, out, all); }
BOTH(KERNELS)
