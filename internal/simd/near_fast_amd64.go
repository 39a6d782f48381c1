//go:build !purego

package simd

// leastTwoFast runs the assembly twin for as many columns as a tile has, and reports whether there is one.
func leastTwoFast(offsets, scores, best, second []float32, at []int32) bool {
	switch l := Active(); {
	case l == AVX512 && len(best) == 48:
		leastTwoF32AVX512(len(offsets), &offsets[0], &scores[0], &best[0], &second[0], &at[0])
	case l == AVX2 && len(best) == 24:
		leastTwoF32AVX2(len(offsets), &offsets[0], &scores[0], &best[0], &second[0], &at[0])
	default:
		return false
	}
	return true
}

// belowFast runs the assembly twin for as many elements as a tile has columns, and reports whether there is one.
func belowFast(a, b []float32, limit float32) (mask uint64, ok bool) {
	switch l := Active(); {
	case l == AVX512 && len(a) == 48:
		return belowF32AVX512(&a[0], &b[0], &limit), true
	case l == AVX2 && len(a) == 24:
		return belowF32AVX2(&a[0], &b[0], &limit), true
	}
	return 0, false
}

// addRowsFast runs the assembly twin and reports whether there is one.
func addRowsFast(sums []float64, a float64, x []float64, ld int, rows []int32) bool {
	switch Active() {
	case AVX512:
		addRowsF64AVX512(len(sums), &sums[0], &x[0], ld, &rows[0], len(rows), &a)
	case AVX2:
		addRowsF64AVX2(len(sums), &sums[0], &x[0], ld, &rows[0], len(rows), &a)
	default:
		return false
	}
	return true
}
