package lin_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// TestTheRealFormIsTheHermitianMatrix compares the Gram matrix, the log-determinant
// and the inverse of I + α Σ v vᴴ with complex arithmetic.
func TestTheRealFormIsTheHermitianMatrix(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const alpha = 0.75
	for _, c := range []int{1, 2, 5, 17} {
		const n = 7
		d := 2 * c
		rows := normal[float64](r, n*d)
		h := make([][]complex128, c)
		for i := range h {
			h[i] = make([]complex128, c)
			h[i][i] = 1
			for j := range h[i] {
				for s := range n {
					v := func(k int) complex128 { return complex(rows[s*d+k], rows[s*d+c+k]) }
					h[i][j] += alpha * v(i) * cmplx.Conj(v(j))
				}
			}
		}
		for _, inPlace := range []bool{false, true} {
			g, m := make([]float64, d*d), make([]float64, d*d)
			lin.Gram(nil, false, n, d, 1, rows, d, g, d)
			if inPlace {
				m = g
			}
			lin.HermitianForm(c, alpha, g, m)
			for i := range d {
				m[i*d+i]++
			}
			sameForm(t, c, h, m)

			require.NoError(t, lin.Cholesky(nil, d, m, d))
			logdet, inverse := eliminate(h)
			require.InDelta(t, 2*logdet, lin.LogDet(d, m, d), 1e-11*(1+math.Abs(logdet)))
			inv := make([]float64, d*d)
			lin.CholInverse(nil, d, m, d, inv, d)
			sameForm(t, c, inverse, inv)
		}
	}
}

func sameForm(t *testing.T, c int, h [][]complex128, m []float64) {
	t.Helper()
	d := 2 * c
	for i, row := range h {
		for j, v := range row {
			tol := 1e-11 * (1 + cmplx.Abs(v))
			require.InDelta(t, real(v), m[i*d+j], tol)
			require.InDelta(t, real(v), m[(c+i)*d+c+j], tol)
			require.InDelta(t, imag(v), m[(c+i)*d+j], tol)
			require.InDelta(t, -imag(v), m[i*d+c+j], tol)
		}
	}
}

// eliminate returns log det and the inverse of h, by Gauss and Jordan without pivots.
func eliminate(h [][]complex128) (logdet float64, inverse [][]complex128) {
	n := len(h)
	a := make([][]complex128, n)
	for i := range a {
		a[i] = append(append([]complex128(nil), h[i]...), make([]complex128, n)...)
		a[i][n+i] = 1
	}
	for k := range a {
		logdet += math.Log(real(a[k][k]))
		p := a[k][k]
		for j := range a[k] {
			a[k][j] /= p
		}
		for i := range a {
			if f := a[i][k]; i != k {
				for j := range a[i] {
					a[i][j] -= f * a[k][j]
				}
			}
		}
	}
	for i := range a {
		inverse = append(inverse, a[i][n:])
	}
	return logdet, inverse
}
