// Twin of Erf in op.go.
#include "device.cuh"

DEVICE double value(double x) { return error_function(x); }
DEVICE double slope(double x) { return 1.1283791670955125739 * exponential(-x * x); }

POINTWISE(erf)
