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
	all    []T // vectors of the tridiagonal matrix
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
	if vectors != nil {
		if done, err := lendSymmetric(n, a, lda, values, vectors, ldv); done || err != nil {
			return err
		}
	}
	e, err := x.reduce(p, n, a, lda)
	if err != nil {
		return err
	}
	d := &x.divide
	if vectors == nil {
		if !ql(d.values[:n], d.e[:n-1], nil) {
			return ErrNoEigenvalues
		}
		for i, v := range d.values[:n] {
			values[i] = T(math.Ldexp(v, e))
		}
		return nil
	}
	// The vectors in the order of their values: row by row through the workspace.
	if !d.vectors(p, n, n, vectors, ldv) {
		return ErrNoEigenvalues
	}
	for i, j := range d.order[:n] {
		values[i] = T(math.Ldexp(d.values[j], e))
		copy(d.q2[i*n:(i+1)*n], vectors[j*ldv:])
	}
	simd.Copy(vectors, ldv, d.q2, n, n, n)
	x.tri.back(n, vectors, ldv)
	return nil
}

// lendSymmetric is Solve by the library that was chosen, and reports whether there is one.
func lendSymmetric[T simd.Float](n int, a []T, lda int, values, vectors []T, ldv int) (done bool, err error) {
	l := lapack(n)
	if l == nil {
		return false, nil
	}
	for i := range n {
		if v := simd.MaxAbs(a[i*lda : i*lda+i+1]); v-v != 0 {
			return false, ErrNotFinite
		}
	}
	simd.Copy(vectors, ldv, a, lda, n, n)
	switch v := any(vectors).(type) {
	case []float32:
		done = l.Ssyevd(n, v, ldv, any(values).([]float32))
	case []float64:
		done = l.Dsyevd(n, v, ldv, any(values).([]float64))
	}
	return done, nil
}

// Leading is Solve for the count largest eigenvalues, the largest first.
//
// Shapes: values count, vectors count×n, 1 ≤ count ≤ n. Errors: those of Solve.
//
// Cost: 4n³/3 flops for the reduction to tridiagonal form, which is most of it for a small
// count, n³/3 and more in the halves of the tridiagonal matrix, and 2n² a vector.
func (x *Symmetric[T]) Leading(p *par.Pool, n, count int, a []T, lda int, values, vectors []T, ldv int) error {
	_, _, _ = a[(n-1)*lda+n-1], values[count-1], vectors[(count-1)*ldv+n-1]
	e, err := x.reduce(p, n, a, lda)
	if err != nil {
		return err
	}
	d := &x.divide
	x.all = grow(x.all, n*n)
	if !d.vectors(p, n, count, x.all, n) {
		return ErrNoEigenvalues
	}
	x.last(count, e, values, vectors, ldv)
	return nil
}

// Above is Leading for the eigenvalues above bound, and returns how many there are.
//
// Shapes: values n, vectors n×n, of which only as many rows are written.
func (x *Symmetric[T]) Above(p *par.Pool, n int, bound float64, a []T, lda int, values, vectors []T, ldv int) (
	count int, err error) {
	_, _, _ = a[(n-1)*lda+n-1], values[n-1], vectors[(n-1)*ldv+n-1]
	e, err := x.reduce(p, n, a, lda)
	if err != nil {
		return 0, err
	}
	d := &x.divide
	d.above = math.Ldexp(bound, -e)
	x.all = grow(x.all, n*n)
	if !d.vectors(p, n, anyNumber, x.all, n) {
		return 0, ErrNoEigenvalues
	}
	for count < n && d.values[d.order[n-1-count]] > d.above {
		count++
	}
	x.last(count, e, values, vectors, ldv)
	return count, nil
}

// last stores the count largest values, times 2ᵉ, and their vectors.
func (x *Symmetric[T]) last(count, e int, values, vectors []T, ldv int) {
	d := &x.divide
	n := d.n
	for i := range count {
		j := d.order[n-1-i]
		values[i] = T(math.Ldexp(d.values[j], e))
		copy(vectors[i*ldv:i*ldv+n], x.all[j*n:])
	}
	if count > 0 {
		x.tri.back(count, vectors, ldv)
	}
}

// reduce leaves the tridiagonal matrix of a·2⁻ᵉ in x.divide.
func (x *Symmetric[T]) reduce(p *par.Pool, n int, a []T, lda int) (e int, err error) {
	if e, err = normalize(n, a, lda); err != nil {
		return 0, err
	}
	x.tri.reduce(p, n, a, lda)
	d := &x.divide
	d.values, d.e = grow(d.values, n), grow(d.e, n)
	for i := range n {
		d.values[i] = float64(x.tri.d[i])
		if i < n-1 {
			d.e[i] = float64(x.tri.e[i])
		}
	}
	return e, nil
}

// normalize scales the lower triangle of a as normalizeFull does a matrix: a was 2ᵉ times
// what it is.
func normalize[T simd.Float](n int, a []T, lda int) (e int, err error) {
	return scaleToUnit(n, func(i int) []T { return a[i*lda : i*lda+i+1] })
}
