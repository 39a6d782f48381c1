package simd

import "math"

// Exp computes dst = exp(x). The error is below 2 units in the last place;
// exp(NaN) is NaN, exp(+Inf) +Inf and exp(−Inf) 0, and results too small for a
// normal number are rounded to a subnormal one.
func Exp[T Float](dst, x []T) { ExpShift(dst, x, 0) }

// ExpShift computes dst = exp(x − shift): with the maximum of x as the shift, the
// numerators of a softmax.
func ExpShift[T Float](dst, x []T, shift T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.exp(len(dst), &dst[0], &x[0], shift)
		return
	}
	for i, v := range x {
		dst[i] = T(exp(float64(v - shift)))
	}
}

// exp is math.Exp, but for the last half unit before the overflow, at 709.78,
// where some versions of math.Exp return +Inf already.
func exp(x float64) float64 {
	if x > 709 {
		return math.Exp(x-1) * math.E
	}
	return math.Exp(x)
}
