// Twin of GELUTanh in op.go.
#include "device.cuh"

const double TWICE = 1.5957691216057307117, CUBIC = 0.044715;

DEVICE double times(double s, double x) { return s == 0 ? 0 : s * x; }
DEVICE double value(double x) { return times(sigmoid(TWICE * (x + CUBIC * x * x * x)), x); }
DEVICE double slope(double x) {
  double u = TWICE * (x + CUBIC * x * x * x), s = sigmoid(u);
  return s + times(s * sigmoid(-u), x * TWICE * (1 + 3 * CUBIC * x * x));
}

POINTWISE(gelu_tanh)
