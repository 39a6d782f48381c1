// Twin of Gate in op.go.
#include "device.cuh"

DEVICE double magnitude(double v) { return v < 0 ? -v : v; }
DEVICE double value(double x, double mu, double kappa, double) { return x * (1 + mu * exponential(-kappa * magnitude(x))); }
DEVICE double partial(int k, double x, double mu, double kappa, double) {
  double m = magnitude(x), e = exponential(-kappa * m);
  return k == 0 ? 1 + mu * e * (1 - kappa * m) : k == 1 ? x * e : -mu * x * m * e;
}

ELEMENTWISE(gate)
