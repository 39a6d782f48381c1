// Twin of kernel.go. Sums are those of op.go: wrong, energy, found, there, both, and of
// wrong and energy what is too big and too small, of which float32 has nothing.
#include "device.cuh"

// part_sum stores the sum of term(i) over the elements of a block as number k of
// its nine.
template <typename F>
DEVICE void part_sum(int n, double* parts, int k, F term) {
  double s = 0;
  EACH(i, n) s += term(i);
  s = block_sum(s);
  if (thread() == 0) parts[9 * block() + k] = s;
}

// mid, big and small are the parts of a square as lin.Squares adds it.
DEVICE double mid(double d) {
  double a = d < 0 ? -d : d;
  return a > 0x1p500 || a < 0x1p-500 ? 0 : d * d;
}

DEVICE double big(double x, double y) {
  double d = x - y, s = x * 0x1p-600 - y * 0x1p-600;
  return d > 0x1p500 || d < -0x1p500 ? s * s : 0;
}

DEVICE double small(double d) {
  double a = d < 0 ? -d : d;
  return a < 0x1p-500 ? (d * 0x1p600) * (d * 0x1p600) : 0;
}

// parts stores the sums of the elements of each block.
template <typename T>
DEVICE void parts(int n, double* out, const T* z, const T* truth) {
  part_sum(n, out, 0, [=](int i) { return mid((double)z[i] - truth[i]); });
  part_sum(n, out, 1, [=](int i) { return mid(truth[i]); });
  part_sum(n, out, 2, [=](int i) { return z[i] != 0 ? 1.0 : 0.0; });
  part_sum(n, out, 3, [=](int i) { return truth[i] != 0 ? 1.0 : 0.0; });
  part_sum(n, out, 4, [=](int i) { return z[i] != 0 && truth[i] != 0 ? 1.0 : 0.0; });
  if (sizeof(T) == 8) {
    part_sum(n, out, 5, [=](int i) { return big(z[i], truth[i]); });
    part_sum(n, out, 6, [=](int i) { return small((double)z[i] - truth[i]); });
    part_sum(n, out, 7, [=](int i) { return big(truth[i], 0); });
    part_sum(n, out, 8, [=](int i) { return small(truth[i]); });
  } else if (thread() == 0) {
    for (int k = 5; k < 9; k++) out[9 * block() + k] = 0;
  }
}

// sums adds those of n blocks: one block.
DEVICE void sums(int n, double* out, const double* parts) {
  for (int k = 0; k < 9; k++) {
    double s = row_sum(n, [=](int i) { return parts[9 * i + k]; });
    if (thread() == 0) out[k] = s;
  }
}

// scaled stores v and e of the v·2ᵉ that three parts are.
DEVICE void scaled(double mid, double big, double small, double* v, int* e) {
  *e = big != 0 ? 1200 : mid != 0 ? 0 : -1200;
  *v = big != 0 ? big + mid * 0x1p-600 * 0x1p-600 : mid != 0 ? mid + small * 0x1p-600 * 0x1p-600 : small;
}

DEVICE void decibels(double* out, const double* sums) {
  EACH(i, 1) {
    double v, w;
    int e, f;
    scaled(sums[0], sums[5], sums[6], &v, &e);
    scaled(sums[1], sums[7], sums[8], &w, &f);
    double r = v / w;
    bool plain = r > 0x1p-1000 && r < 0x1p1000 && e == f || v == 0 || w == 0 || v == infinity() || w == infinity();
    double l = plain ? logarithm(r) : logarithm(v) - logarithm(w) + (e - f) * 0.69314718055994530942;
    *out = 10 * l / 2.302585092994045684;
  }
}

// share stores sums[4]/sums[of], 1 of nothing.
DEVICE void share(double* out, const double* sums, int of) {
  EACH(i, 1) *out = sums[of] == 0 ? 1 : sums[4] / sums[of];
}

#define KERNELS(T, S)                                                                                             \
  KERNEL recovery_parts_##S(int n, double* out, const T* z, const T* truth) { parts(n, out, z, truth); }          \
  KERNEL recovery_sums_##S(int n, double* out, const double* parts) { sums(n, out, parts); }                      \
  KERNEL recovery_decibels_##S(double* out, const double* sums) { decibels(out, sums); }                          \
  KERNEL recovery_share_##S(double* out, const double* sums, int of) { share(out, sums, of); }
BOTH(KERNELS)
