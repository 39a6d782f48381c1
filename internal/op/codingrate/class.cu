// Twin of classkernel.go. How large a class is, only the device knows: so these
// matrices, of a size each, are made, factored and inverted here, a class a block,
// and the host launches the same whatever the labels are.
#include "device.cuh"

// A Groups is the samples in the order of their classes, in 2n + 2k + 1 ints.
struct Groups {
  int n, k;
  int* base;
  DEVICE_MEMBER int* order() const { return base; }               // the rows of class 0, then of class 1, …
  DEVICE_MEMBER int* of() const { return base + n; }              // the class of each of them
  DEVICE_MEMBER int* start() const { return base + 2 * n; }       // class j is order[start[j]], … order[start[j+1]−1]
  DEVICE_MEMBER int* room() const { return base + 2 * n + k + 1; }  // its factor begins at room[j] of the packed ones
  DEVICE_MEMBER int size(int j) const { return start()[j + 1] - start()[j]; }
};

// sort fills g: one block, a thread a class. A label that is no class is reported, by
// the number of its sample, which belongs to none.
template <typename T>
DEVICE void sort(Groups g, const T* labels, int d, u64* status) {
  int bad = first_bad(g.n, [=](int i) { return !is_class(labels[i], g.k); });
  LANE(j, g.k) {
    int count = 0;
    for (int i = 0; i < g.n; i++) count += labels[i] == (T)j;
    g.start()[j + 1] = count;
  }
  barrier();
  if (thread() == 0) {
    if (bad < g.n) report(status, bad, labels[bad]);
    g.start()[0] = 0;
    int at = 0;
    for (int j = 0; j < g.k; j++) {
      int s = g.start()[j + 1] < d ? g.start()[j + 1] : d;
      g.room()[j] = at;
      at += s * s;
      g.start()[j + 1] += g.start()[j];
    }
  }
  barrier();
  LANE(j, g.k) {
    int at = g.start()[j];
    for (int i = 0; i < g.n; i++)
      if (labels[i] == (T)j) g.order()[at] = i, g.of()[at] = j, at++;
  }
}

const int TILE = 16;  // the side of a block of 256 threads

// gram stores the lower triangle of I + αⱼ times the smaller Gram matrix of every
// class, αⱼ = d/(nⱼ ε²): a block a tile.
template <typename T>
DEVICE void gram(Groups g, int most, int d, const T* z, double* l, double eps2) {
  double *a = shared, *b = shared + TILE * TILE;
  int tiles = (most + TILE - 1) / TILE, y = thread() / TILE, x = thread() % TILE;
  for (int unit = block(); unit < g.k * tiles * tiles; unit += blocks()) {
    int j = unit / (tiles * tiles), down = unit / tiles % tiles * TILE, across = unit % tiles * TILE;
    int n = g.size(j), s = n < d ? n : d, depth = n < d ? d : n;
    if (across > down || down >= s) continue;
    const int* rows = g.order() + g.start()[j];
    double sum = 0;
    for (int lo = 0; lo < depth; lo += TILE) {
      int at = lo + x, p = down + y, q = across + y;
      a[y * TILE + x] = p < s && at < depth ? (double)(n < d ? z[rows[p] * d + at] : z[rows[at] * d + p]) : 0;
      b[y * TILE + x] = q < s && at < depth ? (double)(n < d ? z[rows[q] * d + at] : z[rows[at] * d + q]) : 0;
      barrier();
      for (int t = 0; t < TILE; t++) sum = __builtin_fma(a[y * TILE + t], b[x * TILE + t], sum);
      barrier();
    }
    int row = down + y, col = across + x;
    if (row < s && col <= row) l[g.room()[j] + row * s + col] = d / (n * eps2) * sum + (row == col);
  }
}

// cholesky overwrites the lower triangle of every class's matrix by its factor: a
// block a class, column by column.
DEVICE void cholesky(Groups g, int d, double* all, u64* status) {
  ROW(j, g.k) {
    int n = g.size(j), s = n < d ? n : d;
    double* l = all + g.room()[j];
    for (int c = 0; c < s; c++) {
      double pivot = l[c * s + c];
      barrier();
      if (!(pivot > 0 && pivot < infinity())) {
        if (thread() == 0) report(status, CLASS + j, n);
        break;
      }
      double r = root(pivot);
      for (int i = c + 1 + thread(); i < s; i += threads()) l[i * s + c] /= r;
      if (thread() == 0) l[c * s + c] = r;
      barrier();
      int rest = s - c - 1;
      LANE(at, rest * rest) {
        int p = c + 1 + at / rest, q = c + 1 + at % rest;
        if (q <= p) l[p * s + q] -= l[p * s + c] * l[q * s + c];
      }
      barrier();
    }
  }
}

// rate stores Σⱼ nⱼ/n ½ logdet(LⱼLⱼᵀ): one block.
template <typename T>
DEVICE void rate(Groups g, int d, T* out, const double* all) {
  double sum = 0;
  for (int j = 0; j < g.k; j++) {
    int n = g.size(j), s = n < d ? n : d;
    const double* l = all + g.room()[j];
    LANE(i, s) sum += (double)n / g.n * logarithm(l[i * s + i]);
  }
  sum = block_sum(sum);
  if (thread() == 0) *out = sum;
}

// invert stores (LLᵀ)⁻¹ of a factor of side s, column c: by substitution down, and
// back up.
DEVICE void invert(int s, int c, const double* l, double* inv) {
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

// inverses does that for every class and column.
DEVICE void inverses(Groups g, int most, int d, const double* l, double* inv) {
  EACH(at, g.k * most) {
    int j = at / most, c = at % most, n = g.size(j), s = n < d ? n : d;
    if (c < s) invert(s, c, l + g.room()[j], inv + g.room()[j]);
  }
}

// grad stores c·Zⱼ Gⱼ⁻¹, or c·Hⱼ⁻¹Zⱼ where a class is smaller than d, in the rows of
// every class.
template <typename T>
DEVICE void grad(Groups g, int d, T* dz, const T* z, const double* inv, const T* dout, double alpha) {
  double c = alpha * *dout;
  EACH(at, g.start()[g.k] * d) {
    int p = at / d, a = at % d, j = g.of()[p], n = g.size(j), row = g.order()[p];
    const double* m = inv + g.room()[j];
    double sum = 0;
    if (n < d) {
      const int* rows = g.order() + g.start()[j];
      p -= g.start()[j];
      for (int q = 0; q < n; q++) sum += (double)(T)(c * m[p * n + q]) * z[rows[q] * d + a];
    } else {
      for (int b = 0; b < d; b++) sum += (double)z[row * d + b] * (T)(c * m[b * d + a]);
    }
    dz[row * d + a] = sum;
  }
}

#define KERNELS(T, S)                                                                                                                   \
  KERNEL codingrate_class_sort_##S(int n, int k, int* g, const T* labels, int d, u64* status) {                                         \
    sort(Groups{n, k, g}, labels, d, status);                                                                                           \
  }                                                                                                                                     \
  KERNEL codingrate_class_gram_##S(int n, int k, int* g, int most, int d, const T* z, double* l, double eps2) {                         \
    gram(Groups{n, k, g}, most, d, z, l, eps2);                                                                                         \
  }                                                                                                                                     \
  KERNEL codingrate_class_cholesky_##S(int n, int k, int* g, int d, double* l, u64* status) { cholesky(Groups{n, k, g}, d, l, status); } \
  KERNEL codingrate_class_rate_##S(int n, int k, int* g, int d, T* out, const double* l) { rate(Groups{n, k, g}, d, out, l); }          \
  KERNEL codingrate_class_inverses_##S(int n, int k, int* g, int most, int d, const double* l, double* inv) {                           \
    inverses(Groups{n, k, g}, most, d, l, inv);                                                                                         \
  }                                                                                                                                     \
  KERNEL codingrate_class_grad_##S(int n, int k, int* g, int d, T* dz, const T* z, const double* inv, const T* dout, double alpha) {    \
    grad(Groups{n, k, g}, d, dz, z, inv, dout, alpha);                                                                                  \
  }
BOTH(KERNELS)
