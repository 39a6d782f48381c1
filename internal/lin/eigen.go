package lin

import (
	stderrors "errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// ErrNoEigenvalues reports a symmetric matrix whose eigenvalues were not found.
var ErrNoEigenvalues = stderrors.New("lin: no eigenvalues")

// EigenSym returns the eigenvalues of a symmetric matrix, the least first, and, if
// wanted, their eigenvectors as columns, for entries of any magnitude.
//
// With vectors it is Symmetric.Solve for gonum's matrices, on one worker. Without, the
// eigenvalues are gonum's to the last bit: Lipschitz constants, and so the weights of
// networks that begin with one, stay what they have been.
//
// Errors: ErrNotFinite for entries that are not finite; ErrNoEigenvalues if the iteration
// does not converge. Cost: 4n³/3 flops, up to 14n³/3 with vectors.
func EigenSym(a mat.Symmetric, wantVectors bool) (values []float64, vectors *mat.Dense, err error) {
	if !wantVectors {
		values, err = valuesOf(a)
		return values, nil, err
	}
	n := a.SymmetricDim()
	lower, rows, values := make([]float64, n*n), make([]float64, n*n), make([]float64, n)
	for i := range n {
		for j := range i + 1 {
			lower[i*n+j] = a.At(i, j)
		}
	}
	var x Symmetric[float64]
	if err := x.Solve(nil, n, lower, n, values, rows, n); err != nil {
		return nil, nil, err
	}
	simd.Transpose(lower, n, rows, n, n, n)
	return values, mat.NewDense(n, n, lower), nil
}

// valuesOf returns the eigenvalues. Entries below 2⁻²⁰⁰ of the largest count as 0, which
// moves none by more than rounding does.
//
// gonum's own mat.EigenSym panics where a block of the matrix has entries near 1e-122 or
// below, or near 1e+300 (gonum/lapack issue 87). Here a matrix with such entries is scaled
// by a power of 2, which is exact, and cleared of them.
func valuesOf(a mat.Symmetric) (values []float64, err error) {
	n := a.SymmetricDim()
	most, least := 0.0, math.Inf(1)
	for i := range n {
		for j := i; j < n; j++ {
			v := math.Abs(a.At(i, j))
			if v-v != 0 {
				return nil, ErrNotFinite
			}
			if v != 0 {
				most, least = max(most, v), min(least, v)
			}
		}
	}
	e := 0
	if !(most >= 0x1p-100 && most <= 0x1p100 && least >= most*0x1p-200) {
		a, e = scaled(a, most)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(a, false) {
		return nil, ErrNoEigenvalues
	}
	values = eigen.Values(nil)
	sum, trace, size := 0.0, 0.0, 0.0
	for i, v := range values {
		sum, trace, size = sum+v, trace+a.At(i, i), size+math.Abs(v)
		values[i] = math.Ldexp(v, e)
	}
	if !(math.Abs(sum-trace) <= 1e-9*size+math.SmallestNonzeroFloat64) {
		return nil, ErrNoEigenvalues
	}
	return values, nil
}

// scaled returns a·2⁻ᵉ with entries up to 1, without those below 2⁻²⁰⁰.
func scaled(a mat.Symmetric, most float64) (b *mat.SymDense, e int) {
	_, e = math.Frexp(most)
	n := a.SymmetricDim()
	b = mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			if v := math.Ldexp(a.At(i, j), -e); math.Abs(v) >= 0x1p-200 {
				b.SetSym(i, j, v)
			}
		}
	}
	return b, e
}

// SVD returns the singular values of a matrix, the largest first, and, if wanted, the left
// and the right singular vectors as columns, as many as there are values. It is
// Singular.Solve for gonum's matrices, on one worker.
//
// Errors and cost: those of Singular.Solve.
func SVD(a mat.Matrix, wantU, wantV bool) (values []float64, u, v *mat.Dense, err error) {
	m, n := a.Dims()
	k := min(m, n)
	dense := mat.DenseCopyOf(a).RawMatrix()
	values = make([]float64, k)
	var left, right []float64
	if wantU {
		left = make([]float64, m*k)
	}
	if wantV {
		right = make([]float64, k*n)
	}
	var x Singular[float64]
	if err := x.Solve(nil, m, n, dense.Data, dense.Stride, values, left, k, right, n); err != nil {
		return nil, nil, nil, err
	}
	if wantU {
		u = mat.NewDense(m, k, left)
	}
	if wantV {
		columns := make([]float64, n*k)
		simd.Transpose(columns, k, right, n, k, n)
		v = mat.NewDense(n, k, columns)
	}
	return values, u, v, nil
}
