package lin_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// TestEigenvaluesAtEveryScale has matrices of known eigenvalues, Q diag(λ) Qᵀ, alone and as
// one of two blocks.
func TestEigenvaluesAtEveryScale(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 6
	var qr mat.QR
	var q mat.Dense
	g := mat.NewDense(n, n, nil)
	g.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, g)
	qr.Factorize(g)
	qr.QTo(&q)
	known := []float64{-3, -0.5, 0, 1, 2, 5}
	block := func(e int) *mat.SymDense {
		a := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				sum := 0.0
				for k, l := range known {
					sum += q.At(i, k) * l * q.At(j, k)
				}
				a.SetSym(i, j, math.Ldexp(sum, e))
			}
		}
		return a
	}
	for _, e := range []int{-1060, -1000, -600, -410, -400, -120, 0, 120, 500, 990, 1020} {
		for _, other := range []int{0, e} { // of a second block; e is none
			a := block(e)
			want := append([]float64(nil), known...)
			top := max(e, other)
			if other != e {
				both := mat.NewSymDense(2*n, nil)
				for i := range n {
					for j := i; j < n; j++ {
						both.SetSym(i, j, a.At(i, j))
						both.SetSym(n+i, n+j, block(other).At(i, j))
					}
				}
				a = both
			}
			for _, vectors := range []bool{false, true} {
				t.Run(fmt.Sprint(e, " beside ", other, " ", vectors), func(t *testing.T) {
					got, err := lin.Eigenvalues(a)
					var v *mat.Dense
					if vectors {
						got, v, err = lin.Eigenvectors(nil, a, a.SymmetricDim())
						slices.Reverse(got)
						for i := range a.SymmetricDim() {
							slices.Reverse(v.RawRowView(i))
						}
					}
					require.NoError(t, err)
					tol := 1e-14 + math.Ldexp(1, -1074-top)*8
					require.InDelta(t, want[n-1], math.Ldexp(got[len(got)-1], -top), tol*5)
					require.InDelta(t, want[0], math.Ldexp(got[0], -top), tol*5)
					require.IsNonDecreasing(t, got)
					if !vectors {
						return
					}
					for k, l := range got { // ‖Av − λv‖ is rounding
						for i := range a.SymmetricDim() {
							sum := 0.0
							for j := range a.SymmetricDim() {
								sum += math.Ldexp(a.At(i, j), -top) * v.At(j, k)
							}
							require.InDelta(t, math.Ldexp(l, -top)*v.At(i, k), sum, 20*tol)
						}
					}
				})
			}
		}
	}
	values, v, err := lin.Eigenvectors(nil, mat.NewSymDense(2, nil), 2)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0}, values)
	require.InDelta(t, 1, mat.Det(v)*mat.Det(v), 1e-15)
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		_, err = lin.Eigenvalues(mat.NewSymDense(2, []float64{1, bad, bad, 1}))
		require.ErrorIs(t, err, lin.ErrNotFinite)
		_, _, err = lin.Eigenvectors(nil, mat.NewSymDense(2, []float64{1, bad, bad, 1}), 1)
		require.ErrorIs(t, err, lin.ErrNotFinite)
	}
}
