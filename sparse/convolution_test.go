package sparse_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

func TestConvolutionHasItsAdjoint(t *testing.T) {
	for _, c := range []struct{ k, c, h, w, size, stride int }{{1, 1, 1, 1, 1, 1}, {3, 1, 8, 8, 3, 1},
		{4, 2, 9, 7, 3, 2}, {2, 3, 5, 6, 5, 3}} {
		op, err := sparse.NewConvolution(gauss(1, c.k, c.c*c.size*c.size), c.c, c.h, c.w, c.size, c.stride)
		require.NoError(t, err)
		require.NoError(t, sparse.CheckAdjoint(op, 2))
		m, n := op.Dims()
		assert.Equal(t, c.c*c.h*c.w, m)
		k, rows, cols := op.CodeShape()
		assert.Equal(t, n, k*rows*cols)
	}
}

// A code of one 1 is the filter at its place.
func TestConvolutionPlacesFilters(t *testing.T) {
	f := gauss(3, 2, 4) // two filters of 2×2
	op, err := sparse.NewConvolution(f, 1, 5, 6, 2, 2)
	require.NoError(t, err)
	k, rows, cols := op.CodeShape()
	require.Equal(t, []int{2, 2, 3}, []int{k, rows, cols})
	z, x := make([]float64, 12), make([]float64, 30)
	z[6+1*3+2] = 1 // filter 1, down 1, right 2
	op.Apply(x, z, 1)
	for i := range 5 {
		for j := range 6 {
			want := 0.0
			if u, v := i-2, j-4; u >= 0 && u < 2 && v >= 0 && v < 2 {
				want = f.At(1, u*2+v)
			}
			assert.Equal(t, want, x[i*6+j])
		}
	}
}

// FISTA finds the same codes with the convolution and with its matrix.
func TestConvolutionIsAMatrix(t *testing.T) {
	op, err := sparse.NewConvolution(gauss(4, 3, 9), 1, 6, 6, 3, 1)
	require.NoError(t, err)
	m, n := op.Dims()
	a := mat.NewDense(m, n, nil)
	for j := range n {
		z, x := make([]float64, n), make([]float64, m)
		z[j] = 1
		op.Apply(x, z, 1)
		a.SetCol(j, x)
	}
	l, err := sparse.Lipschitz(op)
	require.NoError(t, err)
	exact, err := sparse.Lipschitz(operator(t, a))
	require.NoError(t, err)
	assert.InEpsilon(t, 1.001*exact, l, 1e-4)
	p := sparse.Problem{A: op, X: gauss(5, 3, m), Lambda: 0.3, Relative: true}
	s := sparse.FISTA{Stop: sparse.Stop{Gap: 1e-12, MaxIter: 20000}, Restart: sparse.GradientRestart}
	got, err := s.Solve(p)
	require.NoError(t, err)
	p.A = operator(t, a)
	want, err := s.Solve(p)
	require.NoError(t, err)
	near(t, want.Z.RawMatrix().Data, got.Z.RawMatrix().Data, 1e-5)
	near(t, want.Objective, got.Objective, 1e-9)
}

func TestBadConvolutions(t *testing.T) {
	for _, c := range [][5]int{{0, 5, 5, 2, 1}, {1, 1, 5, 2, 1}, {1, 5, 5, 0, 1}, {1, 5, 5, 2, 0}, {2, 5, 5, 2, 1}} {
		_, err := sparse.NewConvolution(gauss(1, 2, 4), c[0], c[1], c[2], c[3], c[4])
		assert.ErrorIs(t, err, sparse.ErrInput)
	}
	_, err := sparse.NewConvolution(mat.NewDense(1, 4, nil), 1, 5, 5, 2, 1)
	assert.ErrorContains(t, err, "filter 0 of 1 is 0")
}
