package simd

import "math"

// What follows divides by a norm, whatever the magnitude. The sum of squares is taken
// at once; only where it, or what is made of it, is out of range, is everything scaled
// by a power of 2 first, which is exact.

// Norm returns ‖x‖₂: NaN if x holds one, else +Inf if x holds an infinity, or if the
// norm is beyond float64.
func Norm[T Float](x []T) float64 {
	sum := DotWide(x, x)
	if sum >= 0x1p-900 && sum <= 0x1p1000 {
		return math.Sqrt(sum)
	}
	norm, e := ScaledNorm(x)
	return math.Ldexp(norm, e)
}

// ScaledNorm returns r, below 2√len(x), and e, ‖x‖₂ = r·2ᵉ. Where the norm is 0, NaN or
// infinite, so is r, and e is 0.
func ScaledNorm[T Float](x []T) (r float64, e int) {
	most := MaxAbs(x)
	if !(most > 0) || math.IsInf(most, 1) {
		return most, 0
	}
	_, e = math.Frexp(most)
	sum := 0.0
	for _, v := range x {
		w := math.Ldexp(float64(v), -e)
		sum += w * w
	}
	return math.Sqrt(sum), e
}

// MaxAbs returns max |xᵢ|, 0 of nothing, NaN if x holds one.
func MaxAbs[T Float](x []T) (most float64) {
	for _, v := range x {
		if w := math.Abs(float64(v)); w > most || w != w {
			most = w
		}
		if most != most {
			return most
		}
	}
	return most
}

// Unit stores x/‖x‖₂ in dst, which may be x. ok is false, and dst left alone, if x is 0
// or not finite. Rounding is a few units in the last place at any magnitude, subnormal
// numbers included.
func Unit[T Float](dst, x []T) (ok bool) {
	lo, hi := normal[T]()
	if r := math.Sqrt(DotWide(x, x)); r >= lo && r <= hi {
		Affine(dst, T(1/r), x, 0)
		return true
	}
	r, e := ScaledNorm(x)
	if r-r != 0 || r == 0 {
		return false
	}
	for i, v := range x {
		dst[i] = T(math.Ldexp(float64(v), -e) / r)
	}
	return true
}

// normal returns between which norms squares and reciprocals are normal numbers.
func normal[T Float]() (lo, hi float64) {
	if single[T]() {
		return 0x1p-125, 0x1p125
	}
	return 0x1p-450, 0x1p500
}

// single reports whether T is float32.
func single[T Float]() bool {
	least := 1e-300
	return T(least) == 0
}

// UnitGrad stores the gradient of Unit, (D − ⟨D, y⟩y)/‖x‖ with y = x/‖x‖, in dx, which
// may be D. x is finite; where it is 0, so is dx. Where ‖x‖ is so small that the gradient is beyond T
// it is infinite, as it is.
func UnitGrad[T Float](dx, dout, x []T) {
	dot, r := DotWide(dout, x), math.Sqrt(DotWide(x, x))
	along := dot / (r * r * r)
	lo, hi := 0x1p-800, 0x1p800
	if single[T]() {
		lo, hi = 0x1p-100, 0x1p100
	}
	if a := math.Abs(along); r >= 0x1p-30 && r <= 0x1p30 && a >= lo && a <= hi {
		Combine(dx, T(1/r), dout, -T(along), x, 0)
		return
	}
	scaledUnitGrad(dx, dout, x)
}

// scaledUnitGrad is UnitGrad with x and D scaled to numbers up to 1.
func scaledUnitGrad[T Float](dx, dout, x []T) {
	r, e := ScaledNorm(x)
	if r == 0 {
		clear(dx)
		return
	}
	_, ed := math.Frexp(MaxAbs(dout))
	dot := 0.0
	for i, v := range x {
		dot += math.Ldexp(float64(dout[i]), -ed) * math.Ldexp(float64(v), -e)
	}
	along := dot / r / r
	for i, v := range x {
		g := (math.Ldexp(float64(dout[i]), -ed) - along*math.Ldexp(float64(v), -e)) / r
		dx[i] = T(math.Ldexp(g, ed-e))
	}
}
