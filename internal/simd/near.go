package simd

import "math"

//go:generate go -C gen run . -family near -out ../near_amd64.s -stubs ../near_amd64.go -pkg simd

// LeastTwo finds, for each of some columns of scores, the least and the second least, and the row of the least, the
// first among equals:
//
//	best[i] = min_j offsets[j] + scores[j·w+i],    w = len(best)
//
// Of one row the second is +Inf. There must be a row, and none of the sums may be NaN.
func LeastTwo(offsets, scores, best, second []float32, at []int32) {
	w := len(best)
	second, at, scores = second[:w], at[:w], scores[:len(offsets)*w]
	if w == 0 || len(offsets) > 0 && leastTwoFast(offsets, scores, best, second, at) {
		return
	}
	for i := range best {
		best[i], second[i], at[i] = float32(math.Inf(1)), float32(math.Inf(1)), 0
	}
	for j, offset := range offsets {
		for i, v := range scores[j*w : (j+1)*w][:w] {
			if v += offset; v < second[i] {
				if v < best[i] {
					best[i], second[i], at[i] = v, best[i], int32(j)
				} else {
					second[i] = v
				}
			}
		}
	}
}

// Below returns the bits of up to 64 elements for which a[i] + b[i] ≥ limit does not hold, element 0 in the lowest; a
// NaN is one of them.
func Below(a, b []float32, limit float32) (mask uint64) {
	b = b[:len(a)]
	if mask, ok := belowFast(a, b, limit); ok {
		return mask
	}
	for i, v := range a {
		if !(v+b[i] >= limit) {
			mask |= 1 << i
		}
	}
	return mask
}

// AddRows adds some rows of x to sums, one after the other:
//
//	sums[j] += a·x[r·ld+j] for each r of rows
//
// Each product is rounded, then each sum: results do not depend on the level.
func AddRows(sums []float64, a float64, x []float64, ld int, rows []int32) {
	n := len(sums)
	if n == 0 || len(rows) == 0 {
		return
	}
	for _, r := range rows {
		_ = x[int(r)*ld : int(r)*ld+n]
	}
	if addRowsFast(sums, a, x, ld, rows) {
		return
	}
	for _, r := range rows {
		for j, v := range x[int(r)*ld : int(r)*ld+n] {
			sums[j] += float64(a * v)
		}
	}
}
