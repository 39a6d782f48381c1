// Twin of SiLU in op.go.
#include "device.cuh"

DEVICE double times(double s, double x) { return s == 0 ? 0 : s * x; }
DEVICE double value(double x) { return times(sigmoid(x), x); }
DEVICE double slope(double x) {
  double s = sigmoid(x);
  return s + times(s * sigmoid(-x), x);
}

POINTWISE(silu)
