//go:build !purego

package simd

// copyFast copies the first columns and returns how many.
func copyFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) int {
	if cols < 4 || Active() == Generic {
		return 0
	}
	switch d := any(&dst[0]).(type) {
	case *float32:
		if s, ok := any(&src[0]).(*float32); ok {
			done := cols &^ 7
			if done > 0 {
				copyRowsF32(d, ldd, s, lds, rows, cols/8)
			}
			if cols-done >= 4 {
				copyQuadsF32(at(d, done), ldd, 0, at(s, done), lds, rows, 1)
				done += 4
			}
			return done
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

// copyPanelsFast copies panels of the widths that tiles have, and reports whether it has.
func copyPanelsFast[T Float](dst []T, width int, src []T, lds, rows, panels int) bool {
	if Active() == Generic {
		return false
	}
	switch d := any(&dst[0]).(type) {
	case *float32:
		s := any(&src[0]).(*float32)
		switch width {
		case 4:
			copyQuadsF32(d, width, width*rows, s, lds, rows, panels)
		case 24:
			copyPanels3F32(d, width*rows, s, lds, rows, panels)
		case 48:
			copyPanels6F32(d, width*rows, s, lds, rows, panels)
		default:
			return false
		}
	case *float64:
		s := any(&src[0]).(*float64)
		switch width {
		case 4:
			copyQuadsF64(d, width, width*rows, s, lds, rows, panels)
		case 12:
			copyPanels3F64(d, width*rows, s, lds, rows, panels)
		case 24:
			copyPanels6F64(d, width*rows, s, lds, rows, panels)
		default:
			return false
		}
	}
	return true
}

// transposeFast transposes the first r rows of the first c columns, and returns how
// many they are. It goes along the lines, of src or of dst, that lie farther apart: a
// cache has few places for lines that are a power of two apart.
func transposeFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) (r, c int) {
	if Active() == Generic || rows < 4 || cols < 4 {
		return 0, 0
	}
	switch s := any(&src[0]).(type) {
	case *float32:
		switch d := any(&dst[0]).(type) {
		case *float32:
			if cols < 8 {
				return 0, 0
			}
			if down := rows / 8; down > 1 && ldd > lds {
				for c = 0; c+8 <= cols; c += 8 {
					transposeDownF32(at(d, c*ldd), ldd, at(s, c), lds, down)
				}
				r = down * 8
			}
			for ; r+8 <= rows; r += 8 {
				transposeF32(at(d, r), ldd, at(s, r*lds), lds, cols/8)
			}
			if r+4 <= rows {
				transposeF32x4(at(d, r), ldd, at(s, r*lds), lds, cols/8)
				r += 4
			}
			return r, cols &^ 7
		case *float64:
			for ; r+4 <= rows; r += 4 {
				transposeWiden(at(d, r), ldd, at(s, r*lds), lds, cols/4)
			}
			return r, cols &^ 3
		}
	case *float64:
		if d, ok := any(&dst[0]).(*float64); ok {
			if down := rows / 4; down > 1 && ldd > lds {
				for c = 0; c+4 <= cols; c += 4 {
					transposeDownF64(at(d, c*ldd), ldd, at(s, c), lds, down)
				}
				r = down * 4
			}
			for ; r+4 <= rows; r += 4 {
				transposeF64(at(d, r), ldd, at(s, r*lds), lds, cols/4)
			}
			return r, cols &^ 3
		}
	}
	return 0, 0
}
