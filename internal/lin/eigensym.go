package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Symmetric solves symmetric eigenproblems,
//
//	A = Vᵀ diag(values) V,  V Vᵀ = I.
//
// It is the workspace too: it grows to the largest order that it has seen and then
// allocates nothing. The zero value is ready; one problem at a time.
type Symmetric[T simd.Float] struct {
	tri    tridiagonal[T]
	divide divided[T]
}

// Solve stores the eigenvalues, ascending, in values and, if vectors is not nil, the
// eigenvectors in its rows, row i that of value i.
//
// Shapes: a n×n, of which the lower triangle is read, and spoilt; vectors n×n. Entries may
// be of any magnitude: a matrix with an entry above 2⁴⁰ or none above 2⁻⁴⁰ is scaled by a
// power of 2. Errors: ErrNotFinite for entries that are not finite; ErrNoEigenvalues if
// the iteration for a small part does not converge.
//
// Cost: 4n³/3 flops, and up to 14n³/3 with vectors: half of the reduction to tridiagonal
// form is products with a vector, limited by memory; all else is products of matrices.
func (x *Symmetric[T]) Solve(p *par.Pool, n int, a []T, lda int, values, vectors []T, ldv int) error {
	if n <= 0 {
		return nil
	}
	_, _ = a[(n-1)*lda+n-1], values[n-1]
	if vectors != nil {
		_ = vectors[(n-1)*ldv+n-1]
	}
	e, err := normalize(n, a, lda)
	if err != nil {
		return err
	}
	x.tri.reduce(p, n, a, lda)
	d := &x.divide
	d.d, d.e = grow(d.d, n), grow(d.e, n)
	for i := range n {
		d.d[i] = float64(x.tri.d[i])
		if i < n-1 {
			d.e[i] = float64(x.tri.e[i])
		}
	}
	if vectors == nil {
		if !ql(d.d[:n], d.e[:n-1], nil) {
			return ErrNoEigenvalues
		}
		for i, v := range d.d[:n] {
			values[i] = T(math.Ldexp(v, e))
		}
		return nil
	}
	// The vectors in the order of their values: row by row through the workspace.
	if !d.solve(p, n, vectors, ldv) {
		return ErrNoEigenvalues
	}
	for i, j := range d.order[:n] {
		values[i] = T(math.Ldexp(d.d[j], e))
		copy(d.q2[i*n:(i+1)*n], vectors[j*ldv:])
	}
	simd.Copy(vectors, ldv, d.q2, n, n, n)
	x.tri.back(vectors, ldv)
	return nil
}

// normalize scales the lower triangle of a as normalizeFull does a matrix: a was 2ᵉ times
// what it is.
func normalize[T simd.Float](n int, a []T, lda int) (e int, err error) {
	return scaleToUnit(n, func(i int) []T { return a[i*lda : i*lda+i+1] })
}
