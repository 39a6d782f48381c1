// Twin of Log in op.go.
#include "device.cuh"

DEVICE double value(double x) { return logarithm(x); }
DEVICE double slope(double x) { return 1 / x; }

POINTWISE(log)
