// Twin of classkernel.go. How large a class is, only the device knows, and the host
// launches the same whatever the labels are. So small matrices, of a size each, are
// factored and inverted here, a class a block; large ones by cuSOLVER and cuBLAS, all
// of one side, the most that there may be, with ones on the diagonal beyond their own.
#include "device.cuh"

// A Groups is the samples in the order of their classes, in 2n + 2k + 1 ints.
struct Groups {
  int n, k;
  int* base;
  DEVICE_MEMBER int* order() const { return base; }               // the rows of class 0, then of class 1, …
  DEVICE_MEMBER int* of() const { return base + n; }              // the class of each of them
  DEVICE_MEMBER int* start() const { return base + 2 * n; }       // class j is order[start[j]], … order[start[j+1]−1]
  DEVICE_MEMBER int* room() const { return base + 2 * n + k + 1; }  // its triangle begins at room[j] of the packed ones
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
      at += s * (s + 1) / 2;
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

// in is where an entry on or below the diagonal is in a packed triangle: its rows, one
// after the other.
DEVICE int in(int row, int col) { return row * (row + 1) / 2 + col; }

// A Matrices is a symmetric one of each class: packed triangles, or with a side, all of
// that side.
struct Matrices {
  double* base;
  int side;
  DEVICE_MEMBER double* of(Groups g, int j) const { return base + (side ? j * side * side : g.room()[j]); }
  DEVICE_MEMBER int at(int row, int col) const {
    return side ? row * side + col : col <= row ? in(row, col) : in(col, row);
  }
};

const int TILE = 16;  // the side of a block of 256 threads

// gram stores the lower triangle of I + αⱼ times the smaller Gram matrix of every
// class, αⱼ = d/(nⱼ ε²), side at most most: a block a tile.
template <typename T>
DEVICE void gram(Groups g, int most, int d, const T* z, Matrices l, double eps2) {
  double *a = shared, *b = shared + TILE * TILE;
  int tiles = (most + TILE - 1) / TILE, y = thread() / TILE, x = thread() % TILE;
  for (int unit = block(); unit < g.k * tiles * tiles; unit += blocks()) {
    int j = unit / (tiles * tiles), down = unit / tiles % tiles * TILE, across = unit % tiles * TILE;
    int n = g.size(j), s = n < d ? n : d, depth = n < d ? d : n;
    if (across > down || (down >= s && !l.side)) continue;
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
    if (row < (l.side ? l.side : s) && col <= row) l.of(g, j)[l.at(row, col)] = (row < s ? d / (n * eps2) * sum : 0) + (row == col);
  }
}

// cholesky overwrites the lower triangle of every class's matrix by its factor: a
// block a class, column by column.
DEVICE void cholesky(Groups g, int d, double* all, u64* status) {
  ROW(j, g.k) {
    int n = g.size(j), s = n < d ? n : d;
    double* l = all + g.room()[j];
    for (int c = 0; c < s; c++) {
      double pivot = l[in(c, c)];
      barrier();
      if (!(pivot > 0 && pivot < infinity())) {
        if (thread() == 0) report(status, CLASS + j, n);
        break;
      }
      double r = root(pivot);
      for (int i = c + 1 + thread(); i < s; i += threads()) l[in(i, c)] /= r;
      if (thread() == 0) l[in(c, c)] = r;
      barrier();
      int rest = s - c - 1;
      LANE(at, rest * rest) {
        int p = c + 1 + at / rest, q = c + 1 + at % rest;
        if (q <= p) l[in(p, q)] -= l[in(p, c)] * l[in(q, c)];
      }
      barrier();
    }
  }
}

// pack copies the lower triangles of factors of one side to packed ones, and reports a
// class with a pivot that is no positive number.
DEVICE void pack(Groups g, int d, double* packed, Matrices l, u64* status) {
  EACH(at, g.k * l.side * l.side) {
    int j = at / (l.side * l.side), row = at / l.side % l.side, col = at % l.side, n = g.size(j), s = n < d ? n : d;
    if (row >= s || col > row) continue;
    double v = l.of(g, j)[row * l.side + col];
    packed[g.room()[j] + in(row, col)] = v;
    if (row == col && !(v > 0 && v < infinity())) report(status, CLASS + j, n);
  }
}

// unpack is its inverse, and stores as many identities in inv, and where all of these
// matrices begin.
DEVICE void unpack(Groups g, int d, const double* packed, Matrices l, Matrices inv, double** at_l, double** at_inv) {
  EACH(at, g.k * l.side * l.side) {
    int j = at / (l.side * l.side), row = at / l.side % l.side, col = at % l.side, n = g.size(j), s = n < d ? n : d;
    l.base[at] = row < s && col <= row ? packed[g.room()[j] + in(row, col)] : row == col;
    inv.base[at] = row == col;
  }
  EACH(j, g.k) at_l[j] = l.of(g, j), at_inv[j] = inv.of(g, j);
}

// places stores where matrices of one side begin.
DEVICE void places(Groups g, Matrices l, double** at) { EACH(j, g.k) at[j] = l.of(g, j); }

// rate stores Σⱼ nⱼ/n ½ logdet(LⱼLⱼᵀ): one block.
template <typename T>
DEVICE void rate(Groups g, int d, T* out, const double* all) {
  double sum = 0;
  for (int j = 0; j < g.k; j++) {
    int n = g.size(j), s = n < d ? n : d;
    const double* l = all + g.room()[j];
    LANE(i, s) sum += (double)n / g.n * logarithm(l[in(i, i)]);
  }
  sum = block_sum(sum);
  if (thread() == 0) *out = sum;
}

// invert stores (LLᵀ)⁻¹ of a factor of side s, column c from the diagonal down: by
// substitution down, and back up.
DEVICE void invert(int s, int c, const double* l, double* inv) {
  for (int i = c; i < s; i++) {
    double sum = i == c;
    for (int t = c; t < i; t++) sum -= l[in(i, t)] * inv[in(t, c)];
    inv[in(i, c)] = sum / l[in(i, i)];
  }
  for (int i = s - 1; i >= c; i--) {
    double sum = inv[in(i, c)];
    for (int t = i + 1; t < s; t++) sum -= l[in(t, i)] * inv[in(t, c)];
    inv[in(i, c)] = sum / l[in(i, i)];
  }
}

// inverses does that for every class and column.
DEVICE void inverses(Groups g, int most, int d, const double* l, double* inv) {
  EACH(at, g.k * most) {
    int j = at / most, c = at % most, n = g.size(j), s = n < d ? n : d;
    if (c < s) invert(s, c, l + g.room()[j], inv + g.room()[j]);
  }
}

// tile_of finds unit number t of the tiles of rows, class after class: its class, or
// k after the last, and its first row in that.
DEVICE int tile_of(Groups g, int t, int* first) {
  int j = 0;
  for (; j < g.k; j++) {
    int tiles = (g.size(j) + TILE - 1) / TILE;
    if (t < tiles) break;
    t -= tiles;
  }
  *first = t * TILE;
  return j;
}

// grad stores c·Zⱼ Gⱼ⁻¹, or c·Hⱼ⁻¹Zⱼ where a class is smaller than d, in the rows of
// every class: a block a tile.
template <typename T>
DEVICE void grad(Groups g, int d, T* dz, const T* z, Matrices inv, const T* dout, double alpha) {
  double *left = shared, *right = shared + TILE * TILE, c = alpha * *dout;
  int wide = (d + TILE - 1) / TILE, y = thread() / TILE, x = thread() % TILE;
  for (int unit = block(); unit < (g.n / TILE + g.k) * wide; unit += blocks()) {
    int down, across = unit % wide * TILE, j = tile_of(g, unit / wide, &down);
    if (j == g.k) continue;
    int n = g.size(j), s = n < d ? n : d, row = down + y, col = across + x;
    const int* rows = g.order() + g.start()[j];
    const double* m = inv.of(g, j);
    double sum = 0;
    for (int lo = 0; lo < s; lo += TILE) {
      int p = lo + x, q = lo + y;
      if (n < d) {
        left[y * TILE + x] = row < n && p < n ? (T)(c * m[inv.at(row, p)]) : 0;
        right[y * TILE + x] = q < n && col < d ? z[rows[q] * d + col] : 0;
      } else {
        left[y * TILE + x] = row < n && p < d ? z[rows[row] * d + p] : 0;
        right[y * TILE + x] = q < d && col < d ? (T)(c * m[inv.at(q, col)]) : 0;
      }
      barrier();
      for (int t = 0; t < TILE; t++) sum += left[y * TILE + t] * right[t * TILE + x];
      barrier();
    }
    if (row < n && col < d) dz[rows[row] * d + col] = sum;
  }
}

#define KERNELS(T, S)                                                                                                                   \
  KERNEL codingrate_class_sort_##S(int n, int k, int* g, const T* labels, int d, u64* status) {                                         \
    sort(Groups{n, k, g}, labels, d, status);                                                                                           \
  }                                                                                                                                     \
  KERNEL codingrate_class_gram_##S(int n, int k, int* g, int most, int d, const T* z, double* l, int side, double eps2) {               \
    gram(Groups{n, k, g}, most, d, z, Matrices{l, side}, eps2);                                                                         \
  }                                                                                                                                     \
  KERNEL codingrate_class_cholesky_##S(int n, int k, int* g, int d, double* l, u64* status) { cholesky(Groups{n, k, g}, d, l, status); } \
  KERNEL codingrate_class_places_##S(int n, int k, int* g, double* l, int side, double** at) {                                          \
    places(Groups{n, k, g}, Matrices{l, side}, at);                                                                                     \
  }                                                                                                                                     \
  KERNEL codingrate_class_pack_##S(int n, int k, int* g, int d, double* packed, double* l, int side, u64* status) {                     \
    pack(Groups{n, k, g}, d, packed, Matrices{l, side}, status);                                                                        \
  }                                                                                                                                     \
  KERNEL codingrate_class_unpack_##S(int n, int k, int* g, int d, const double* packed, double* l, double* inv, int side, double** at_l, \
                                     double** at_inv) {                                                                                 \
    unpack(Groups{n, k, g}, d, packed, Matrices{l, side}, Matrices{inv, side}, at_l, at_inv);                                           \
  }                                                                                                                                     \
  KERNEL codingrate_class_rate_##S(int n, int k, int* g, int d, T* out, const double* l) { rate(Groups{n, k, g}, d, out, l); }          \
  KERNEL codingrate_class_inverses_##S(int n, int k, int* g, int most, int d, const double* l, double* inv) {                           \
    inverses(Groups{n, k, g}, most, d, l, inv);                                                                                         \
  }                                                                                                                                     \
  KERNEL codingrate_class_grad_##S(int n, int k, int* g, int d, T* dz, const T* z, double* inv, int side, const T* dout, double a) {    \
    grad(Groups{n, k, g}, d, dz, z, Matrices{inv, side}, dout, a);                                                                      \
  }
BOTH(KERNELS)
