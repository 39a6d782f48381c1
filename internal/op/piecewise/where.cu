// Twin of Where in op.go.
#include "device.cuh"

DEVICE double value(double c, double x, double y, double) { return c != 0 ? x : y; }
DEVICE double partial(int k, double c, double, double, double) { return k == 0 ? 0 : (k == 1) == (c != 0) ? 1 : 0; }

ELEMENTWISE(where)
