package simd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestConjDotsAreTheirDefinition(t *testing.T) {
	was := simd.Active()
	defer func() { require.NoError(t, simd.Use(was)) }()
	for _, level := range simd.Levels() {
		require.NoError(t, simd.Use(level))
		for _, m := range []int{0, 1, 3} {
			for _, n := range []int{0, 1, 2, 7, 30} {
				conjDots(t, m, n)
			}
		}
	}
}

func conjDots(t *testing.T, m, n int) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	const lda, ldb, im, nextA, next, gap = 40, 56, 24, 16, 32, 16
	var scale [simd.Lanes]float64
	copy(scale[:], draw(simd.Lanes))
	x := simd.ConjSums{M: m, N: n, A: draw(max(1, n)*lda + m*nextA), NextA: nextA, LdA: lda, B: draw(max(1, n) * ldb),
		LdB: ldb, Im: im,
		Base: draw(max(1, m) * next), NextBase: next, Scale: &scale, Out: draw(max(1, m) * next), NextOut: next}
	before := append([]float64(nil), x.Out...)
	simd.ConjDots(x)
	for i := range m {
		for q := range simd.Lanes {
			sum := complex(x.Base[i*next+q], x.Base[i*next+simd.Lanes+q])
			for l := range n {
				a, b := x.A[i*nextA+l*lda+q:], x.B[l*ldb+q:]
				sum -= complex(a[0], a[im]) * complex(b[0], -b[im])
			}
			require.InDelta(t, real(sum)*scale[q], x.Out[i*next+q], 1e-13, "%d terms", n)
			require.InDelta(t, imag(sum)*scale[q], x.Out[i*next+simd.Lanes+q], 1e-13, "%d terms", n)
		}
		require.Equal(t, before[i*next+gap:(i+1)*next], x.Out[i*next+gap:(i+1)*next], "what lies between")
	}
	apart := x
	apart.Out, apart.Base = append([]float64(nil), x.Base...), append([]float64(nil), x.Base...)
	simd.ConjDots(apart)
	apart.Base = apart.Out
	inPlace := x
	inPlace.Out = inPlace.Base
	simd.ConjDots(inPlace)
	require.Equal(t, apart.Out, inPlace.Out, "in place")
}
