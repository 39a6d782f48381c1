package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// The shelves of the package: caches whose content is never seen.
var (
	products32 par.Cache[product[float32]]
	products64 par.Cache[product[float64]]
	grams32    par.Cache[gram[float32]]
	grams64    par.Cache[gram[float64]]
	systems32  par.Cache[system[float32]]
	systems64  par.Cache[system[float64]]
	gemms32    par.Cache[gemms[float32]]
	gemms64    par.Cache[gemms[float64]]
	syrks32    par.Cache[syrk[float32]]
	syrks64    par.Cache[syrk[float64]]

	factorBatches par.Cache[factors]
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
