// Every special function of device.cuh as a kernel, for functions_test.go.
#include "device.cuh"

#define FUNCTION(NAME, F)                                                                       \
  KERNEL functions_##NAME##_f64(int n, double* out, const double* x) { EACH(i, n) out[i] = F(x[i]); } \
  KERNEL functions_##NAME##_f32(int n, float* out, const float* x) { EACH(i, n) out[i] = F(x[i]); }

#define POWER(x) power(x, 2.75)
#define POWER_N(x) power(x, -7)
#define POWER_LARGE(x) power(x, 123)

FUNCTION(exp, exponential)
FUNCTION(expm1, exponential_m1)
FUNCTION(log, logarithm)
FUNCTION(log1p, logarithm_1p)
FUNCTION(tanh, hyperbolic_tangent)
FUNCTION(sigmoid, sigmoid)
FUNCTION(softplus, softplus)
FUNCTION(density, density)
FUNCTION(normal, normal)
FUNCTION(erf, error_function)
FUNCTION(erfc, error_complement)
FUNCTION(pow_2_75, POWER)
FUNCTION(pow_minus_7, POWER_N)
FUNCTION(pow_123, POWER_LARGE)
