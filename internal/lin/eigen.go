package lin

import (
	stderrors "errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// ErrNoEigenvalues reports a symmetric matrix whose eigenvalues were not found.
var ErrNoEigenvalues = stderrors.New("lin: no eigenvalues")

// Eigenvalues returns the eigenvalues of a symmetric matrix, the least first, for entries of
// any magnitude.
//
// They are gonum's to the last bit, and so Lipschitz constants, and the weights of networks
// that begin with one, stay what they have been; Symmetric.Solve is faster. Entries below
// 2⁻²⁰⁰ of the largest count as 0, which moves none by more than rounding does.
//
// gonum's own mat.EigenSym panics where a block of the matrix has entries near 1e-122 or
// below, or near 1e+300 (gonum/lapack issue 87). Here a matrix with such entries is scaled
// by a power of 2, which is exact, and cleared of them.
//
// Errors: ErrNotFinite for entries that are not finite; ErrNoEigenvalues if the iteration
// does not converge. Cost: 4n³/3 flops.
func Eigenvalues(a mat.Symmetric) (values []float64, err error) {
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

// Eigenvectors returns the count greatest eigenvalues of a symmetric matrix, the greatest
// first, and their eigenvectors as columns. It is Symmetric.Leading for gonum's matrices.
//
// Errors and cost: those of Symmetric.Leading.
func Eigenvectors(p *par.Pool, a mat.Symmetric, count int) (values []float64, vectors *mat.Dense, err error) {
	n := a.SymmetricDim()
	lower, rows := make([]float64, n*n), make([]float64, count*n)
	for i := range n {
		for j := range i + 1 {
			lower[i*n+j] = a.At(i, j)
		}
	}
	values = make([]float64, count)
	var x Symmetric[float64]
	if err := x.Leading(p, n, count, lower, n, values, rows, n); err != nil {
		return nil, nil, err
	}
	return values, columnsOf(rows, count, n), nil
}

// columnsOf returns rows of length n as columns.
func columnsOf(rows []float64, count, n int) *mat.Dense {
	columns := make([]float64, n*count)
	simd.Transpose(columns, count, rows, n, count, n)
	return mat.NewDense(n, count, columns)
}

// SVD returns the count largest singular values of a matrix, the largest first, and, if
// wanted, their left and right singular vectors as columns. It is Singular.Leading for
// gonum's matrices.
//
// Errors and cost: those of Singular.Leading.
func SVD(p *par.Pool, a *mat.Dense, count int, wantU, wantV bool) (values []float64, u, v *mat.Dense, err error) {
	m, n := a.Dims()
	raw := a.RawMatrix()
	values = make([]float64, count)
	var left, right []float64
	if wantU {
		left = make([]float64, m*count)
	}
	if wantV {
		right = make([]float64, count*n)
	}
	var x Singular[float64]
	if err := x.Leading(p, m, n, count, raw.Data, raw.Stride, values, left, count, right, n); err != nil {
		return nil, nil, nil, err
	}
	if wantU {
		u = mat.NewDense(m, count, left)
	}
	if wantV {
		v = columnsOf(right, count, n)
	}
	return values, u, v, nil
}

// GramSVD is SVD for right singular vectors by the smaller Gram matrix: see GramSide.
func GramSVD(p *par.Pool, a *mat.Dense, count int) (values []float64, v *mat.Dense, err error) {
	m, n := a.Dims()
	raw, rows := a.RawMatrix(), make([]float64, count*n)
	values = make([]float64, count)
	var x GramSide[float64]
	if err := x.Solve(p, m, n, count, raw.Data, raw.Stride, values, rows, n); err != nil {
		return nil, nil, err
	}
	return values, columnsOf(rows, count, n), nil
}

// TruncatedSVD is SVD for right singular vectors, of which there are few: see Truncated.
func TruncatedSVD(p *par.Pool, a *mat.Dense, count int, seed uint64) (values []float64, v *mat.Dense, err error) {
	m, n := a.Dims()
	raw, rows := a.RawMatrix(), make([]float64, count*n)
	values = make([]float64, count)
	var x Truncated[float64]
	if err := x.Solve(p, m, n, count, raw.Data, raw.Stride, seed, values, rows, n); err != nil {
		return nil, nil, err
	}
	return values, columnsOf(rows, count, n), nil
}
