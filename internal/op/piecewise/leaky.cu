// Twin of LeakyReLU in op.go.
#include "device.cuh"

DEVICE double value(double x, double a) { return x > 0 ? x : a * x; }
DEVICE double slope(double x, double a) { return x > 0 ? 1 : a; }

POINTWISE1(leaky_relu)
