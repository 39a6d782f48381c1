// Twin of op.go.
#include "device.cuh"

// step is a step of all parameters of a table: p, g, m and v. c is Numbers; a
// parameter decays if its factor is 1.
template <typename T>
DEVICE void step(int parts, const Part<T>* table, const double* c) {
  T lr = c[0], w1 = c[3], b2 = c[4], w2 = c[5], root_inverse = c[6], eps = c[7];
  double l2 = c[1], keep = c[2];
  each_part(parts, table, [=](Part<T> t, int k) {
    T x = t.at[0][k], kept = t.factor == 0 ? 1 : keep, g = t.at[1][k] + (T)(l2 * t.factor) * x;
    T m = t.at[2][k], v = t.at[3][k];
    m += w1 * (g - m);
    v = b2 * v + w2 * g * g;
    t.at[0][k] = kept * x - lr * (m / ((T)root(v) * root_inverse + eps));
    t.at[2][k] = m;
    t.at[3][k] = v;
  });
}

#define KERNELS(T, S)                                                                           \
  KERNEL adam_step_##S(int n, const Part<T>* t, const double* c, const double* gate) {          \
    if (gate && gate[0] == 0) return;                                                           \
    step(n, t, c);                                                                              \
  }
BOTH(KERNELS)
