// Twin of Sigmoid in op.go.
#include "device.cuh"

DEVICE double value(double x) { return sigmoid(x); }
DEVICE double slope(double y) { return y * (1 - y); }

POINTWISE(sigmoid)
