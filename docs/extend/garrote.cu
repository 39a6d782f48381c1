// Twin of op.go.
#include "device.cuh"

DEVICE double value(double x, double theta) { return x > theta || x < -theta ? x - theta * theta / x : 0 * x; }
DEVICE double slope(double x, double theta) { return x > theta || x < -theta ? 1 + theta * theta / (x * x) : 0; }

POINTWISE1(garrote)
