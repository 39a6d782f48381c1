// Twin of op.go.
#include "device.cuh"

DEVICE double value(double x) { return hyperbolic_tangent(x); }
DEVICE double slope(double y) { return 1 - y * y; }

POINTWISE(tanh)
