// Twin of rule.go.
#include "device.cuh"

// step is a step of all parameters of a table: p, g and m. c are the numbers.
template <typename T>
DEVICE void step(int parts, const Part<T>* table, const double* c) {
  T lr = c[0], b1 = c[1], b2 = c[2];
  each_part(parts, table, [=](Part<T> t, int k) {
    T p = t.at[0][k], g = t.at[1][k], m = t.at[2][k], u = b1 * m + (1 - b1) * g;
    t.at[0][k] = u > 0 ? p - lr : u < 0 ? p + lr : p;
    t.at[2][k] = b2 * m + (1 - b2) * g;
  });
}

#define KERNELS(T, S) \
  KERNEL lion_step_##S(int n, const Part<T>* t, const double* c) { step(n, t, c); }
BOTH(KERNELS)
