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

// manyFlops is the work from which it pays to start workers.
const manyFlops = 1e7

// PoolFor returns a pool of that many workers, 0 of GOMAXPROCS, for so many flops; nil, the
// caller alone, for few.
func PoolFor(workers int, flops float64) *par.Pool {
	if flops < manyFlops || workers == 1 {
		return nil
	}
	return par.New(workers)
}

func ceil(a, b int) int { return (a + b - 1) / b }
