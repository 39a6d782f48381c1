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
	systems32  par.Shelf[system[float32]]
	systems64  par.Shelf[system[float64]]
	gemms32    par.Shelf[gemms[float32]]
	gemms64    par.Shelf[gemms[float64]]
	syrks32    par.Shelf[syrk[float32]]
	syrks64    par.Shelf[syrk[float64]]

	factorBatches par.Shelf[factors]
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
