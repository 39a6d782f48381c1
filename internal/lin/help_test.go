package lin_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// onEachLevel runs f on every instruction set of this machine.
func onEachLevel(t *testing.T, f func(t *testing.T)) {
	before := simd.Active()
	defer func() { require.NoError(t, simd.Use(before)) }()
	for _, l := range simd.Levels() {
		t.Run(l.String(), func(t *testing.T) {
			require.NoError(t, simd.Use(l))
			f(t)
		})
	}
}

// workers returns pools of 1 (nil), 2 and 8 workers.
func workers(t testing.TB) []*par.Pool {
	two, eight := par.New(2), par.New(8)
	t.Cleanup(two.Close)
	t.Cleanup(eight.Close)
	return []*par.Pool{nil, two, eight}
}

// integers draws small integers: sums of their products are exact in any order,
// in float32 too, so that a product has one right answer.
func integers[T simd.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.IntN(9) - 4)
	}
	return x
}

func normal[T simd.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

func sizes(s ...int) string { return fmt.Sprint(s) }
