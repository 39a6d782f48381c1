package simd

// copyFast copies the first columns and returns how many.
func copyFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) int {
	if cols < 4 || Active() == Generic {
		return 0
	}
	switch d := any(&dst[0]).(type) {
	case *float32:
		if s, ok := any(&src[0]).(*float32); ok && cols >= 8 {
			copyRowsF32(d, ldd, s, lds, rows, cols/8)
			return cols &^ 7
		}
	case *float64:
		switch s := any(&src[0]).(type) {
		case *float32:
			widenRows(d, ldd, s, lds, rows, cols/4)
			return cols &^ 3
		case *float64:
			copyRowsF64(d, ldd, s, lds, rows, cols/4)
			return cols &^ 3
		}
	}
	return 0
}

// transposeFast transposes all whole blocks and returns their width, 1 for none.
func transposeFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) int {
	if Active() == Generic || rows < 4 || cols < 4 {
		return 1
	}
	switch s := any(&src[0]).(type) {
	case *float32:
		switch d := any(&dst[0]).(type) {
		case *float32:
			for i := 0; i+8 <= rows && cols >= 8; i += 8 {
				transposeF32(at(d, i), ldd, at(s, i*lds), lds, cols/8)
			}
			return 8
		case *float64:
			for i := 0; i+4 <= rows; i += 4 {
				transposeWiden(at(d, i), ldd, at(s, i*lds), lds, cols/4)
			}
			return 4
		}
	case *float64:
		if d, ok := any(&dst[0]).(*float64); ok {
			for i := 0; i+4 <= rows; i += 4 {
				transposeF64(at(d, i), ldd, at(s, i*lds), lds, cols/4)
			}
			return 4
		}
	}
	return 1
}
