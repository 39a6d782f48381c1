package simd

//go:generate go -C gen run . -family wide -out ../wide_amd64.s -stubs ../wide_amd64.go -pkg simd

// The functions below compute in float64 whatever T is. Sums have the order of
// wideLanes lanes, element i going to lane i mod wideLanes, which then are halved:
// it depends on the length alone, and is the same on every level.

// wideLanes is the number of partial sums.
const wideLanes = 16

// wides are the assembly twins for one type at one level; they take blocks of
// wideLanes elements.
type wides[T Float] struct {
	sum           func(blocks int, x *T) float64
	dot, distance func(blocks int, x, y *T) float64
	add           func(blocks int, sums *float64, x *T)
	mulAdd        func(blocks int, sums *float64, x, y *T)
}

// SumWide returns Σ xᵢ.
func SumWide[T Float](x []T) (s float64) {
	done := len(x) &^ (wideLanes - 1)
	if k := fastWide[T](); k != nil && done > 0 {
		s = k.sum(done/wideLanes, &x[0])
	} else {
		s = lanes(done, func(i int) float64 { return float64(x[i]) })
	}
	for _, v := range x[done:] {
		s += float64(v)
	}
	return s
}

// DotWide returns Σ xᵢyᵢ.
func DotWide[T Float](x, y []T) (s float64) {
	y = y[:len(x)]
	done := len(x) &^ (wideLanes - 1)
	if k := fastWide[T](); k != nil && done > 0 {
		s = k.dot(done/wideLanes, &x[0], &y[0])
	} else {
		s = lanes(done, func(i int) float64 { return float64(x[i]) * float64(y[i]) })
	}
	for i, v := range x[done:] {
		s += float64(v) * float64(y[done+i])
	}
	return s
}

// DistanceWide returns Σ (xᵢ − yᵢ)².
func DistanceWide[T Float](x, y []T) (s float64) {
	y = y[:len(x)]
	done := len(x) &^ (wideLanes - 1)
	if k := fastWide[T](); k != nil && done > 0 {
		s = k.distance(done/wideLanes, &x[0], &y[0])
	} else {
		s = lanes(done, func(i int) float64 {
			return (float64(x[i]) - float64(y[i])) * (float64(x[i]) - float64(y[i]))
		})
	}
	for i, v := range x[done:] {
		s += (float64(v) - float64(y[done+i])) * (float64(v) - float64(y[done+i]))
	}
	return s
}

// AddWide computes sums += x: called for each row, it sums columns.
func AddWide[T Float](sums []float64, x []T) {
	x = x[:len(sums)]
	done := 0
	if k := fastWide[T](); k != nil && len(x) >= wideLanes {
		done = len(x) &^ (wideLanes - 1)
		k.add(done/wideLanes, &sums[0], &x[0])
	}
	for i, v := range x[done:] {
		sums[done+i] += float64(v)
	}
}

// MulAddWide computes sums += x ⊙ y.
func MulAddWide[T Float](sums []float64, x, y []T) {
	x, y = x[:len(sums)], y[:len(sums)]
	done := 0
	if k := fastWide[T](); k != nil && len(x) >= wideLanes {
		done = len(x) &^ (wideLanes - 1)
		k.mulAdd(done/wideLanes, &sums[0], &x[0], &y[0])
	}
	for i, v := range x[done:] {
		sums[done+i] += float64(v) * float64(y[done+i])
	}
}

// lanes sums n terms, a multiple of wideLanes, as the twins do.
func lanes(n int, term func(i int) float64) float64 {
	var acc [wideLanes]float64
	for lo := 0; lo < n; lo += wideLanes {
		for i := range acc {
			acc[i] += term(lo + i)
		}
	}
	for half := wideLanes / 2; half > 0; half /= 2 {
		for i := range half {
			acc[i] += acc[i+half]
		}
	}
	return acc[0]
}
