//go:build !amd64

package simd

func copyFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) int { return 0 }

func transposeFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) (r, c int) {
	return 0, 0
}

func copyPanelsFast[T Float](dst []T, width int, src []T, lds, rows, panels int) bool { return false }
