package sparse

// The functions of this package that compute on slices alone, such as Prox, return no error. Slices whose lengths do
// not fit each other or the settings of a penalty, and settings that its Check refuses, are programming errors: the
// stored and returned numbers are then NaN.

// fits reports whether dst has length n and what else has to hold does. If not, it fills
// dst with NaN.
func fits(dst []float64, n int, also bool) bool {
	if also && len(dst) == n {
		return true
	}
	fill(dst, nan())
	return false
}

// batched reports whether dst holds at least rows of length d, and src of length k. If
// not, it fills dst with NaN.
func batched(dst []float64, d int, src []float64, k, rows int) bool {
	if rows >= 0 && d > 0 && k > 0 && rows <= len(dst)/d && rows <= len(src)/k {
		return true
	}
	fill(dst, nan())
	return false
}
