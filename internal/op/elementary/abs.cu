// Twin of Abs in op.go.
#include "device.cuh"

DEVICE double value(double x) { return x < 0 ? -x : x + 0.0; }
DEVICE double slope(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

POINTWISE(abs)
