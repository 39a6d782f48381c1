package simd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A case is n matrices, filled with draws, at odd places of a longer slice.
func matrices[T simd.Float](r *rand.Rand, size, n int) simd.Matrices[T] {
	m := simd.Matrices[T]{At: 3, Row: size*(n+1) + 2, Col: n + 1}
	m.X = make([]T, m.At+size*m.Row)
	for i := range m.X {
		m.X[i] = T(r.NormFloat64())
	}
	return m
}

func element[T simd.Float](m simd.Matrices[T], i, j, l int) float64 {
	return float64(m.X[m.At+i*m.Row+j*m.Col+l])
}

func TestWinogradIsAConvolution(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { winogradConvolves[float32](t, 4e-6) })
		t.Run("float64", func(t *testing.T) { winogradConvolves[float64](t, 8e-15) })
	})
}

func winogradConvolves[T simd.Float](t *testing.T, tol float64) {
	r := rand.New(rand.NewPCG(1, 5))
	scratch := make([]T, simd.WinogradScratch)
	for _, n := range []int{1, 3, 4, 8, 16, 17, 48} {
		d, g := matrices[T](r, 6, n), matrices[T](r, 3, n)
		v, u, y := matrices[T](r, 6, n), matrices[T](r, 6, n), matrices[T](r, 4, n)
		simd.WinogradInput(n, v, d, scratch)
		simd.WinogradFilter(n, u, g, scratch)
		for l := range n {
			for i := range 36 {
				v.X[v.At+i/6*v.Row+i%6*v.Col+l] *= u.X[u.At+i/6*u.Row+i%6*u.Col+l]
			}
		}
		guard := y.X[y.At-1]
		simd.WinogradOutput(n, y, v, scratch)
		require.Equal(t, guard, y.X[y.At-1])
		for l := range n {
			for i := range 16 {
				want := 0.0
				for q := range 9 {
					want += element(g, q/3, q%3, l) * element(d, i/4+q/3, i%4+q%3, l)
				}
				require.InDelta(t, want, element(y, i/4, i%4, l), tol*10)
			}
		}
	}
}

// Each gradient is the adjoint: ⟨Aᵀ m A, y⟩ = ⟨m, A y Aᵀ⟩ and ⟨G g Gᵀ, u⟩ = ⟨g, Gᵀ u G⟩.
func TestWinogradGradientsAreAdjoints(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 6))
		scratch := make([]float64, simd.WinogradScratch)
		const n = 21
		inner := func(size int, a, b simd.Matrices[float64]) (s float64) {
			for l := range n {
				for i := range size * size {
					s += element(a, i/size, i%size, l) * element(b, i/size, i%size, l)
				}
			}
			return s
		}
		m, y, am, ay := matrices[float64](r, 6, n), matrices[float64](r, 4, n), matrices[float64](r, 4, n),
			matrices[float64](r, 6, n)
		simd.WinogradOutput(n, am, m, scratch)
		simd.WinogradOutputGrad(n, ay, y, scratch)
		require.InDelta(t, inner(4, am, y), inner(6, m, ay), 1e-10)
		g, u, gg, gu := matrices[float64](r, 3, n), matrices[float64](r, 6, n), matrices[float64](r, 6, n),
			matrices[float64](r, 3, n)
		simd.WinogradFilter(n, gg, g, scratch)
		simd.WinogradFilterGrad(n, gu, u, scratch)
		require.InDelta(t, inner(6, gg, u), inner(3, g, gu), 1e-10)
	})
}

// Strides may be negative: a filter turned by half a turn.
func TestWinogradTakesNegativeStrides(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 7))
		scratch := make([]float32, simd.WinogradScratch)
		g, turned := matrices[float32](r, 3, 16), matrices[float32](r, 3, 16)
		for l := range 16 {
			for q := range 9 {
				turned.X[turned.At+q/3*turned.Row+q%3*turned.Col+l] = g.X[g.At+(2-q/3)*g.Row+(2-q%3)*g.Col+l]
			}
		}
		want, got := matrices[float32](r, 6, 16), matrices[float32](r, 6, 16)
		simd.WinogradFilter(16, want, turned, scratch)
		simd.WinogradFilter(16, got, simd.Matrices[float32]{X: g.X, At: g.At + 2*g.Row + 2*g.Col, Row: -g.Row,
			Col: -g.Col}, scratch)
		for l := range 16 {
			for q := range 36 {
				require.Equal(t, element(want, q/6, q%6, l), element(got, q/6, q%6, l))
			}
		}
	})
}

func TestWinogradKeepsNaNAndBounds(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 8))
		scratch := make([]float64, simd.WinogradScratch)
		d, v := matrices[float64](r, 6, 16), matrices[float64](r, 6, 16)
		d.X[d.At+2*d.Row+3*d.Col+5] = nan
		simd.WinogradInput(16, v, d, scratch)
		require.True(t, math.IsNaN(element(v, 1, 1, 5)))
		require.False(t, math.IsNaN(element(v, 1, 1, 4)))
		short := d
		short.X = d.X[:len(d.X)-20]
		require.Panics(t, func() { simd.WinogradInput(16, v, short, scratch) })
		require.Panics(t, func() { simd.WinogradInput(16, short, d, scratch) })
		require.Panics(t, func() { simd.WinogradInput(16, v, d, scratch[:9]) })
	})
}

func BenchmarkWinograd(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 9))
	scratch := make([]float32, simd.WinogradScratch)
	d, v := matrices[float32](r, 6, 64), matrices[float32](r, 6, 64)
	for _, l := range simd.Levels() {
		b.Run("input/"+l.String(), func(b *testing.B) {
			require.NoError(b, simd.Use(l))
			for b.Loop() {
				simd.WinogradInput(64, v, d, scratch)
			}
		})
	}
}
