//go:build !purego

package simd

// bothWaysFast runs the assembly twin of the active level and reports whether there is
// one.
func bothWaysFast[T Float](n int, a *T, lda int, x, y, weights, sums *T) bool {
	level := Active()
	if level == Generic {
		return false
	}
	switch a := any(a).(type) {
	case *float32:
		x, y, weights, sums := any(x).(*float32), any(y).(*float32), any(weights).(*float32), any(sums).(*float32)
		if level == AVX512 {
			bothWaysF32AVX512(n, a, lda, x, y, weights, sums)
		} else {
			bothWaysF32AVX2(n, a, lda, x, y, weights, sums)
		}
	case *float64:
		x, y, weights, sums := any(x).(*float64), any(y).(*float64), any(weights).(*float64), any(sums).(*float64)
		if level == AVX512 {
			bothWaysF64AVX512(n, a, lda, x, y, weights, sums)
		} else {
			bothWaysF64AVX2(n, a, lda, x, y, weights, sums)
		}
	}
	return true
}
