package lin_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// lane returns matrix l of some lanes, of which the elements lie as Lanes or, apart, as
// Inverse stores them.
func lane(x []float64, c, l int, apart bool) [][]complex128 {
	m := make([][]complex128, c)
	for i := range m {
		for j := range c {
			at, im := (i*c+j)*2*simd.Lanes+l, simd.Lanes
			if apart {
				at, im = (i*c+j)*simd.Lanes+l, c*c*simd.Lanes
			}
			m[i] = append(m[i], complex(x[at], x[at+im]))
		}
	}
	return m
}

// times returns ABᴴ over the elements that are not above the diagonal, if lower is set.
func times(a, b [][]complex128, lower bool) [][]complex128 {
	out := make([][]complex128, len(a))
	for i := range a {
		for j := range b {
			sum := 0i
			for k := range a {
				if !lower || k <= min(i, j) {
					sum += a[i][k] * cmplx.Conj(b[j][k])
				}
			}
			out[i] = append(out[i], sum)
		}
	}
	return out
}

// TestLanesFactorAndInvert checks the Gram matrix entry by entry, then that LLᴴ is it,
// its determinant, that the inverse times it is the identity, and the first-order form.
func TestLanesFactorAndInvert(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range []int{1, 2, 5, 15} {
			const n = 4
			v := normal[float64](r, 2*n*2*c*simd.Lanes) // of which the second half comes in a second call
			var scale, logdet [simd.Lanes]float64
			for l := range scale {
				scale[l] = -0.1 * float64(l+1)
			}
			g, h, y, out := lin.NewLanes(c), lin.NewLanes(c), lin.NewLanes(c), make([]float64, 2*c*c*simd.Lanes)
			inv := make([][simd.Lanes]float64, c)
			g.SubtractGram(c, n, v)
			g.SubtractGram(c, n, v[len(v)/2:])
			g.SubtractGram(c, 0, nil)
			h.SetScaled(c, g, &scale)
			require.NoError(t, h.Cholesky(c, inv, &logdet))
			h.Inverse(c, inv, 3, y, out)
			first := make([]float64, len(out))
			h.FirstOrder(c, 3, y, first)
			for l := range simd.Lanes {
				want := make([][]complex128, c) // I − scale·(−Σ v vᴴ)
				for i := range c {
					for j := range c {
						sum := 0i
						for s := range 2 * n {
							at := s*2*c*simd.Lanes + l
							x := complex(v[at+i*simd.Lanes], v[at+(c+i)*simd.Lanes])
							sum += x * complex(v[at+j*simd.Lanes], -v[at+(c+j)*simd.Lanes])
						}
						sum *= complex(-scale[l], 0)
						if i == j {
							sum++
						}
						want[i] = append(want[i], sum)
					}
				}
				factor := lane(h, c, l, false)
				product := times(factor, factor, true)
				inverse, order := lane(out, c, l, true), lane(first, c, l, true)
				identity := times(inverse, want, false) // want is Hermitian
				det := 0.0
				for i := range c {
					det += 2 * math.Log(real(factor[i][i]))
					require.Zero(t, imag(factor[i][i]))
					for j := range c {
						unit := 0i
						if i == j {
							unit = 1
						}
						require.InDelta(t, 0, cmplx.Abs(product[i][j]-want[i][j]), 1e-13, "LLᴴ at %d, %d", i, j)
						require.InDelta(t, 0, cmplx.Abs(identity[i][j]-3*unit), 1e-12, "inverse at %d, %d", i, j)
						require.InDelta(t, 0, cmplx.Abs(order[i][j]-3*(2*unit-want[i][j])), 1e-12,
							"first order at %d, %d", i, j)
					}
				}
				require.InDelta(t, det, logdet[l], 1e-13)
			}
		}
	})
}

func TestLanesSayWhatIsWrong(t *testing.T) {
	const c = 2
	var logdet [simd.Lanes]float64
	for v, want := range map[float64]error{-2: lin.ErrNotPositiveDefinite, -1: lin.ErrNotPositiveDefinite,
		math.NaN(): lin.ErrNotFinite, math.Inf(1): lin.ErrNotFinite} {
		h := lin.NewLanes(c)
		h.SetScaled(c, lin.NewLanes(c), &[simd.Lanes]float64{})
		h[3*2*simd.Lanes+5] += v // of matrix 5
		err := h.Cholesky(c, make([][simd.Lanes]float64, c), &logdet)
		require.ErrorIs(t, err, want)
		require.ErrorContains(t, err, "matrix 5 of the lanes: pivot 1")
	}
}

func TestLanesAllocateNothing(t *testing.T) {
	const c = 5
	var scale, logdet [simd.Lanes]float64
	g, h, y, out, inv := lin.NewLanes(c), lin.NewLanes(c), lin.NewLanes(c), make([]float64, 2*c*c*simd.Lanes),
		make([][simd.Lanes]float64, c)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		g.SubtractGram(c, 1, out)
		h.SetScaled(c, g, &scale)
		if h.Cholesky(c, inv, &logdet) != nil {
			t.Fatal("not positive definite")
		}
		h.Inverse(c, inv, 1, y, out)
		h.FirstOrder(c, 1, y, out)
	}))
}

func BenchmarkLanes(b *testing.B) {
	const c, n = 15, 10
	var scale, logdet [simd.Lanes]float64
	g, h, y, out, inv := lin.NewLanes(c), lin.NewLanes(c), lin.NewLanes(c), make([]float64, 2*c*c*simd.Lanes),
		make([][simd.Lanes]float64, c)
	v := normal[float64](rand.New(rand.NewPCG(1, 2)), n*2*c*simd.Lanes)
	for name, f := range map[string]func(){
		"gram":     func() { g.SubtractGram(c, n, v) },
		"cholesky": func() { h.SetScaled(c, g, &scale); _ = h.Cholesky(c, inv, &logdet) },
		"inverse":  func() { h.Inverse(c, inv, 1, y, out) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
