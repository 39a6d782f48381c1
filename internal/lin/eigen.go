package lin

import (
	stderrors "errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ErrNoEigenvalues reports a symmetric matrix whose eigenvalues were not found.
var ErrNoEigenvalues = stderrors.New("lin: no eigenvalues")

// EigenSym returns the eigenvalues of a symmetric matrix, the least first, and, if
// wanted, their eigenvectors as columns, for entries of any magnitude. Entries below
// 2⁻²⁰⁰ of the largest count as 0, which moves no eigenvalue by more than rounding does.
//
// gonum's own mat.EigenSym panics, or with vectors returns eigenvalues that are wrong by
// a hundred orders, where a block of the matrix has entries near 1e-122 or below, or near
// 1e+300 (gonum/lapack issue 87). Here a matrix with such entries is scaled by a power of
// 2, which is exact, and cleared of them.
//
// Errors: ErrNotFinite for entries that are not finite; ErrNoEigenvalues if the iteration
// does not converge. Cost: 4n³/3 flops, about 9n³ with vectors.
func EigenSym(a mat.Symmetric, wantVectors bool) (values []float64, vectors *mat.Dense, err error) {
	n := a.SymmetricDim()
	most, least := 0.0, math.Inf(1)
	for i := range n {
		for j := i; j < n; j++ {
			v := math.Abs(a.At(i, j))
			if v-v != 0 {
				return nil, nil, ErrNotFinite
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
	if !eigen.Factorize(a, wantVectors) {
		return nil, nil, ErrNoEigenvalues
	}
	values = eigen.Values(nil)
	sum, trace, size := 0.0, 0.0, 0.0
	for i, v := range values {
		sum, trace, size = sum+v, trace+a.At(i, i), size+math.Abs(v)
		values[i] = math.Ldexp(v, e)
	}
	if !(math.Abs(sum-trace) <= 1e-9*size+math.SmallestNonzeroFloat64) {
		return nil, nil, ErrNoEigenvalues
	}
	if wantVectors {
		vectors = new(mat.Dense)
		eigen.VectorsTo(vectors)
	}
	return values, vectors, nil
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
