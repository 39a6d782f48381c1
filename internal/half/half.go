// Package half has the numbers of 16 bits that files hold.
package half

import "math"

// Float64 returns the value of an IEEE 754 binary16 number: a sign bit, 5 bits of
// exponent, 10 of the significand.
func Float64(b uint16) float64 {
	sign, exponent, significand := 1-2*float64(b>>15), int(b>>10&31), float64(b&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(significand, -24)
	case 31:
		if significand != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1024+significand, exponent-25)
}
