// Twin of Softplus in op.go.
#include "device.cuh"

DEVICE double value(double x) { return softplus(x); }
DEVICE double slope(double x) { return sigmoid(x); }

POINTWISE(softplus)
