// Twin of kernel.go. Sums are those of op.go: wrong, energy, found, there, both.
#include "device.cuh"

// part_sum stores the sum of term(i) over the elements of a block as number k of
// its five.
template <typename F>
DEVICE void part_sum(int n, double* parts, int k, F term) {
  double s = 0;
  EACH(i, n) s += term(i);
  s = block_sum(s);
  if (thread() == 0) parts[5 * block() + k] = s;
}

// parts stores the sums of the elements of each block.
template <typename T>
DEVICE void parts(int n, double* out, const T* z, const T* truth) {
  part_sum(n, out, 0, [=](int i) { return ((double)z[i] - truth[i]) * ((double)z[i] - truth[i]); });
  part_sum(n, out, 1, [=](int i) { return (double)truth[i] * truth[i]; });
  part_sum(n, out, 2, [=](int i) { return z[i] != 0 ? 1.0 : 0.0; });
  part_sum(n, out, 3, [=](int i) { return truth[i] != 0 ? 1.0 : 0.0; });
  part_sum(n, out, 4, [=](int i) { return z[i] != 0 && truth[i] != 0 ? 1.0 : 0.0; });
}

// sums adds those of n blocks: one block.
DEVICE void sums(int n, double* out, const double* parts) {
  for (int k = 0; k < 5; k++) {
    double s = row_sum(n, [=](int i) { return parts[5 * i + k]; });
    if (thread() == 0) out[k] = s;
  }
}

DEVICE void decibels(double* out, const double* sums) {
  EACH(i, 1) *out = 10 * logarithm(sums[0] / sums[1]) / 2.302585092994045684;
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
