// Twin of Pow in op.go.
#include "device.cuh"

DEVICE double value(double x, double e) { return power(x, e); }
DEVICE double slope(double x, double e) { return e == 0 ? 0 : e * power(x, e - 1); }

POINTWISE1(pow)
