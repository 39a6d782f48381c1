//go:build !purego

package simd

// pickFast runs the twin for float32 with AVX-512 and reports whether there is one.
func pickFast[T Float](dst []T, ldd int, src []T, lds, rows int, pieces []Piece) bool {
	if Active() != AVX512 {
		return false
	}
	d, ok := any(&dst[0]).(*float32)
	if !ok {
		return false
	}
	reaches(src, lds, rows, pieces)
	pickF32AVX512(rows, d, ldd, any(&src[0]).(*float32), lds, &pieces[0].Mask, len(pieces))
	return true
}
