//go:build !amd64

package simd

func pickFast[T Float](dst []T, ldd int, src []T, lds, rows int, pieces []Piece) bool { return false }
