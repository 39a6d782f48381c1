// Twin of stock.go: one thread an element.
#include "device.cuh"

// add stores x + y in out, which may be x.
template <typename T>
DEVICE void add(int n, T* out, const T* x, const T* y) {
  EACH(i, n) out[i] = x[i] + y[i];
}

// accumulate adds to each tensor of a table the second, or copies it if it is the
// first of the sum.
template <typename T>
DEVICE void accumulate(int parts, const Part<T>* table, int first) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[0][k] = first ? t.at[1][k] : t.at[0][k] + t.at[1][k]; });
}

// divide stores the first by n in the second.
template <typename T>
DEVICE void divide(int parts, const Part<T>* table, double n) {
  each_part(parts, table, [=](Part<T> t, int k) { t.at[1][k] = t.at[0][k] / (T)n; });
}

#define KERNELS(T, S)                                                                                         \
  KERNEL engine_add_##S(int n, T* out, const T* x, const T* y) { add(n, out, x, y); }                         \
  KERNEL engine_accumulate_##S(int n, const Part<T>* table, int first) { accumulate(n, table, first); }       \
  KERNEL engine_divide_##S(int n, const Part<T>* table, double by) { divide(n, table, by); }
BOTH(KERNELS)
