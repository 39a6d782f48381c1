// Twin of PReLU in op.go.
#include "device.cuh"

DEVICE double value(double x, double a, double, double) { return x > 0 ? x : a * x; }
DEVICE double partial(int k, double x, double a, double, double) {
  return k == 0 ? (x > 0 ? 1 : a) : x > 0 ? 0 : x;
}

ELEMENTWISE(prelu)
