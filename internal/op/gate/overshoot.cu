// Twin of Overshoot in op.go.
#include "device.cuh"

DEVICE double magnitude(double v) { return v < 0 ? -v : v; }
DEVICE double over(double y, double x, double eps) { return (y - x) / (magnitude(y - x) + eps); }
DEVICE double slope(double y, double x, double a, double eps) {
  double m = magnitude(y - x) + eps;
  return a * eps / (m * m);
}
DEVICE double value(double y, double x, double a, double, double eps) { return y + a * over(y, x, eps); }
DEVICE double partial(int k, double y, double x, double a, double, double eps) {
  return k == 0 ? 1 + slope(y, x, a, eps) : k == 1 ? -slope(y, x, a, eps) : over(y, x, eps);
}

ELEMENTWISE1(overshoot)
