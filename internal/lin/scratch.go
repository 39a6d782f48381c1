package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// The shelves of the package: caches whose content is never seen.
var (
	products32 par.Shelf[product[float32]]
	products64 par.Shelf[product[float64]]
	grams32    par.Shelf[gram[float32]]
	grams64    par.Shelf[gram[float64]]
	systems    par.Shelf[system]
)

// grow returns a buffer of at least n elements, buf if that is long enough. What
// it holds is not defined.
func grow[T simd.Float](buf []T, n int) []T {
	if cap(buf) >= n {
		return buf[:n]
	}
	return make([]T, n)
}

func ceil(a, b int) int { return (a + b - 1) / b }
