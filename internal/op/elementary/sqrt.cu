// Twin of Sqrt in op.go.
#include "device.cuh"

DEVICE double value(double x) { return x < 0 ? nan_() : root(x); }
DEVICE double slope(double y) { return 0.5 / y; }

POINTWISE(sqrt)
