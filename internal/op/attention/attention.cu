// Twin of kernel.go: one block a query of a head, or a key. Scores are computed anew, so
// that nothing of n×n numbers is kept.
#include "device.cuh"

// Sides are those of op.go.
struct Sides {
  int heads, m, n, p, e, ldq, ldk, ldv, causal;
  double scale;
};

template <typename T>
DEVICE double dot(int p, const T* x, const T* y) {
  double s = 0;
  for (int l = 0; l < p; l++) s += (double)x[l] * y[l];
  return s;
}

// Row is the softmax of one query: its scores less the largest, and their sum.
template <typename T>
struct Row {
  const T *q, *k;
  double top, sum;
  int keys, ldk, p;
  double scale;
  DEVICE_MEMBER double at(int j) const { return exponential(scale * dot(p, q, k + j * ldk) - top) / sum; }
};

template <typename T>
DEVICE Row<T> row_of(Sides s, int b, int h, int i, const T* q, const T* k) {
  Row<T> r;
  r.q = q + (b * s.m + i) * s.ldq + h * s.p, r.k = k + b * s.n * s.ldk + h * s.p;
  r.keys = s.causal ? i + 1 : s.n, r.ldk = s.ldk, r.p = s.p, r.scale = s.scale;
  double top = -infinity();
  LANE(j, r.keys) top = larger(top, s.scale * dot(s.p, r.q, r.k + j * s.ldk));
  r.top = block_max(top), r.sum = 1;
  r.sum = row_sum(r.keys, [=](int j) { return r.at(j); });
  return r;
}

// forward stores the output of each query.
template <typename T>
DEVICE void forward(int count, Sides s, T* out, const T* q, const T* k, const T* v) {
  ROW(at, count) {
    int i = at % s.m, h = at / s.m % s.heads, b = at / s.m / s.heads;
    Row<T> r = row_of(s, b, h, i, q, k);
    for (int c = 0; c < s.e; c++) {
      const T* column = v + b * s.n * s.ldv + h * s.e + c;
      double y = row_sum(r.keys, [=](int j) { return r.at(j) * column[j * s.ldv]; });
      if (thread() == 0) out[(b * s.m + i) * s.heads * s.e + h * s.e + c] = y;
    }
  }
}

// stats stores of each query the largest score, the sum of exponentials, and Σ P ∘ dP.
template <typename T>
DEVICE void stats(int count, Sides s, double* out, const T* q, const T* k, const T* v, const T* d) {
  ROW(at, count) {
    int i = at % s.m, h = at / s.m % s.heads, b = at / s.m / s.heads;
    Row<T> r = row_of(s, b, h, i, q, k);
    const T* dout = d + (b * s.m + i) * s.heads * s.e + h * s.e;
    const T* value = v + b * s.n * s.ldv + h * s.e;
    double along = row_sum(r.keys, [=](int j) { return r.at(j) * dot(s.e, dout, value + j * s.ldv); });
    if (thread() == 0) out[3 * at] = r.top, out[3 * at + 1] = r.sum, out[3 * at + 2] = along;
  }
}

// queries adds ∂Q of each query to dq, with beta 0 it stores it.
template <typename T>
DEVICE void queries(int count, Sides s, T* dq, const T* q, const T* k, const T* v, const T* d, const double* st, int beta) {
  ROW(at, count) {
    int i = at % s.m, h = at / s.m % s.heads, b = at / s.m / s.heads;
    Row<T> r;
    r.q = q + (b * s.m + i) * s.ldq + h * s.p, r.k = k + b * s.n * s.ldk + h * s.p;
    r.keys = s.causal ? i + 1 : s.n, r.ldk = s.ldk, r.p = s.p, r.scale = s.scale;
    r.top = st[3 * at], r.sum = st[3 * at + 1];
    double along = st[3 * at + 2];
    const T* dout = d + (b * s.m + i) * s.heads * s.e + h * s.e;
    const T* value = v + b * s.n * s.ldv + h * s.e;
    for (int c = 0; c < s.p; c++) {
      double y = row_sum(r.keys, [=](int j) {
        return r.at(j) * (dot(s.e, dout, value + j * s.ldv) - along) * r.k[j * s.ldk + c];
      });
      T* to = dq + (b * s.m + i) * s.ldq + h * s.p + c;
      if (thread() == 0) *to = (beta ? *to : 0) + s.scale * y;
    }
  }
}

// keys adds ∂K and ∂V of each key.
template <typename T>
DEVICE void keys(int count, Sides s, T* dk, T* dv, const T* q, const T* k, const T* v, const T* d, const double* st, int beta) {
  ROW(at, count) {
    int j = at % s.n, h = at / s.n % s.heads, b = at / s.n / s.heads;
    const T* key = k + (b * s.n + j) * s.ldk + h * s.p;
    const T* value = v + (b * s.n + j) * s.ldv + h * s.e;
    const T* query = q + b * s.m * s.ldq + h * s.p;
    const T* dout = d + b * s.m * s.heads * s.e + h * s.e;
    const double* own = st + 3 * (b * s.heads + h) * s.m;
    int first = s.causal ? j : 0, ldd = s.heads * s.e;
    for (int c = 0; c < s.p; c++) {
      double y = row_sum(s.m - first, [=](int l) {
        int i = first + l;
        double p = exponential(s.scale * dot(s.p, query + i * s.ldq, key) - own[3 * i]) / own[3 * i + 1];
        return p * (dot(s.e, dout + i * ldd, value) - own[3 * i + 2]) * query[i * s.ldq + c];
      });
      T* to = dk + (b * s.n + j) * s.ldk + h * s.p + c;
      if (thread() == 0) *to = (beta ? *to : 0) + s.scale * y;
    }
    for (int c = 0; c < s.e; c++) {
      double y = row_sum(s.m - first, [=](int l) {
        int i = first + l;
        double p = exponential(s.scale * dot(s.p, query + i * s.ldq, key) - own[3 * i]) / own[3 * i + 1];
        return p * dout[i * ldd + c];
      });
      T* to = dv + (b * s.n + j) * s.ldv + h * s.e + c;
      if (thread() == 0) *to = (beta ? *to : 0) + y;
    }
  }
}

#define SIDES int heads, int m, int n, int p, int e, int ldq, int ldk, int ldv, int causal, double scale
#define SIDES_OF {heads, m, n, p, e, ldq, ldk, ldv, causal, scale}
#define KERNELS(T, S)                                                                                                      \
  KERNEL attention_forward_##S(int count, SIDES, T* out, const T* q, const T* k, const T* v) {                             \
    Sides s = SIDES_OF;                                                                                                    \
    forward(count, s, out, q, k, v);                                                                                       \
  }                                                                                                                        \
  KERNEL attention_stats_##S(int count, SIDES, double* out, const T* q, const T* k, const T* v, const T* d) {              \
    Sides s = SIDES_OF;                                                                                                    \
    stats(count, s, out, q, k, v, d);                                                                                      \
  }                                                                                                                        \
  KERNEL attention_queries_##S(int count, SIDES, T* dq, const T* q, const T* k, const T* v, const T* d, const double* st,  \
                               int beta) {                                                                                 \
    Sides s = SIDES_OF;                                                                                                    \
    queries(count, s, dq, q, k, v, d, st, beta);                                                                           \
  }                                                                                                                        \
  KERNEL attention_keys_##S(int count, SIDES, T* dk, T* dv, const T* q, const T* k, const T* v, const T* d,                \
                            const double* st, int beta) {                                                                  \
    Sides s = SIDES_OF;                                                                                                    \
    keys(count, s, dk, dv, q, k, v, d, st, beta);                                                                          \
  }
BOTH(KERNELS)
