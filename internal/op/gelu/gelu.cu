// Twin of op.go.
#include "device.cuh"

DEVICE double value(double x) { return x * normal(x); }
DEVICE double slope(double x) { return normal(x) + x * density(x); }

POINTWISE(gelu)
