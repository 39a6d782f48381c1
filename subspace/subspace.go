// Package subspace finds linear structure in the rows of a matrix: one subspace (PCA, RobustPCA), or several
// subspaces and which sample belongs to which (GPCA, SSC or EnSC with Spectral), and groups around points (KMeans).
//
// It is plain float64 over gonum, and knows nothing of networks. Its methods are the classical ones that clustering
// by lossy compression, in package coding, and learned features are compared with.
//
// # Conventions
//
// X is n×d with a sample a row; the papers have columns. Bases are d×r with
// orthonormal columns. Groups are 0, …, k−1 in the order of their first sample.
// The same seed gives the same result.
//
// # Errors
//
// Samples or settings that make no sense are errors that wrap ErrInput. Nothing
// writes to its input.
package subspace

import (
	stderrors "errors"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// ErrInput reports samples or settings that make no sense. Test for it with
// errors.Is.
var ErrInput = stderrors.New("subspace: bad input")

// check reports an empty matrix or one with a number that is not finite.
func check(x *mat.Dense) error {
	if x == nil || x.IsEmpty() {
		return matrix.CheckSamples(ErrInput, "samples", x)
	}
	n, d := x.Dims()
	raw, pool := x.RawMatrix(), lin.PoolFor(0, float64(n)*float64(d))
	defer pool.Close()
	most := lin.MaxAbs(pool, n, d, raw.Data, raw.Stride)
	if !matrix.Finite(most) {
		return matrix.CheckSamples(ErrInput, "samples", x)
	}
	if most > 0x1p500 || most > 0 && most < 0x1p-500 {
		return errors.Wrapf(ErrInput,
			"the largest feature is %v, and float64 does not hold its square: scale the samples", most)
	}
	return nil
}

// mean returns the mean row of x.
func mean(x *mat.Dense) []float64 {
	n, d := x.Dims()
	mu := make([]float64, d)
	for i := range n {
		floats.AddScaled(mu, 1/float64(n), x.RawRowView(i))
	}
	return mu
}

// minus returns x with mu subtracted from every row.
func minus(x *mat.Dense, mu []float64) *mat.Dense {
	c := mat.DenseCopyOf(x)
	n, _ := x.Dims()
	for i := range n {
		floats.Sub(c.RawRowView(i), mu)
	}
	return c
}

// unitRows returns x with every row divided by its norm; rows of 0 stay.
func unitRows(x *mat.Dense) *mat.Dense {
	c := mat.DenseCopyOf(x)
	n, _ := x.Dims()
	for i := range n {
		row := c.RawRowView(i)
		switch norm := floats.Norm(row, 2); {
		case norm > 0 && norm < 0x1p-1000:
			simd.Unit(row, row)
		case norm > 0:
			floats.Scale(1/norm, row)
		}
	}
	return c
}

// poolFor returns the pool for decompositions of x, nil if it is small.
func poolFor(workers int, x *mat.Dense) *par.Pool {
	n, d := x.Dims()
	return lin.PoolFor(workers, 4*float64(n)*float64(d)*float64(min(n, d)))
}

// decompose returns the singular values of x, the largest first, and its right
// singular vectors as columns.
func decompose(x *mat.Dense) (sigma []float64, v *mat.Dense, err error) {
	n, d := x.Dims()
	pool := poolFor(0, x)
	defer pool.Close()
	if sigma, _, v, err = lin.SVD(pool, x, min(n, d), false, true); err != nil {
		return nil, nil, errors.Wrapf(ErrInput, "the singular value decomposition: %v", err)
	}
	return sigma, v, nil
}

// singularValues returns the singular values of x, the largest first.
func singularValues(x *mat.Dense) ([]float64, error) {
	n, d := x.Dims()
	pool := poolFor(0, x)
	defer pool.Close()
	sigma, _, _, err := lin.SVD(pool, x, min(n, d), false, false)
	if err != nil {
		return nil, errors.Wrapf(ErrInput, "the singular value decomposition: %v", err)
	}
	return sigma, nil
}

// columns returns the first r columns of m.
func columns(m *mat.Dense, r int) *mat.Dense {
	rows, _ := m.Dims()
	return mat.DenseCopyOf(m.Slice(0, rows, 0, r))
}

// setSigns makes the entry of the greatest magnitude in each column positive, so
// that a basis does not depend on the method that found it.
func setSigns(v *mat.Dense) {
	rows, cols := v.Dims()
	for j := range cols {
		most := 0.0
		for i := range rows {
			if a := v.At(i, j); math.Abs(a) > math.Abs(most) {
				most = a
			}
		}
		if most < 0 {
			for i := range rows {
				v.Set(i, j, -v.At(i, j))
			}
		}
	}
}

// inOrder numbers groups in the order of their first sample.
func inOrder(labels []int) []int {
	at := map[int]int{}
	out := make([]int, len(labels))
	for i, y := range labels {
		if _, known := at[y]; !known {
			at[y] = len(at)
		}
		out[i] = at[y]
	}
	return out
}
