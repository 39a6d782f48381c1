package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Orthogonal computes QR decompositions,
//
//	A = Q R,  QᵀQ = I,  R upper triangular.
//
// It is the workspace too: it grows to the largest shape that it has seen and then
// allocates nothing. The zero value is ready; one matrix at a time.
type Orthogonal[T simd.Float] struct {
	m, k, ldv int
	v, tau    []T // reflector j: row j of v, of length m, 0 before j and 1 there
	applier   compactor[T]
}

// qrRows is how many columns are reduced before the rest is changed.
const qrRows = 32

// Factor overwrites the upper triangle of a by that of R and keeps Q. What is below the
// diagonal of a is spoilt.
//
// Shapes: a m×n; k = min(m, n) reflectors. Entries may be of any magnitude: a matrix with
// an entry above 2⁴⁰ or none above 2⁻⁴⁰ is scaled by a power of 2 and R scaled back.
// Errors: ErrNotFinite for entries that are not finite.
//
// Cost: 2mn² − 2n³/3 flops for m ≥ n, nearly all in products. Source: R. Schreiber,
// C. Van Loan, see compact.
func (x *Orthogonal[T]) Factor(p *par.Pool, m, n int, a []T, lda int) error {
	x.m, x.k = m, min(m, n)
	if x.k <= 0 {
		x.k = 0
		return nil
	}
	_ = a[(m-1)*lda+n-1]
	e, err := normalizeFull(m, n, a, lda)
	if err != nil {
		return err
	}
	x.ldv = m
	x.v, x.tau = grow(x.v, x.k*m), grow(x.tau, x.k)
	if x.lend(n, a, lda) {
		return x.scaleBack(n, a, lda, e)
	}
	for j := 0; j < x.k; j += qrRows {
		b := min(qrRows, x.k-j)
		x.panel(j, b, a, lda)
		if rest := n - j - b; rest > 0 {
			x.applier.left(p, true, b, m-j, rest, x.v[j*m+j:], m, x.tau[j:], a[j*lda+j+b:], lda)
		}
	}
	return x.scaleBack(n, a, lda, e)
}

// scaleBack multiplies R by 2ᵉ.
func (x *Orthogonal[T]) scaleBack(n int, a []T, lda, e int) error {
	for i := 0; e != 0 && i < x.k; i++ {
		for j, v := range a[i*lda+i : i*lda+n] {
			a[i*lda+i+j] = T(math.Ldexp(float64(v), e))
		}
	}
	return nil
}

// lend decomposes by the library that was chosen, and reports whether there is one.
func (x *Orthogonal[T]) lend(n int, a []T, lda int) (done bool) {
	l, m := lapack(min(x.m, n)), x.m
	if l == nil {
		return false
	}
	x.v = grow(x.v, max(x.k, n)*m)
	simd.Transpose(x.v, m, a, lda, m, n)
	switch v := any(x.v).(type) {
	case []float32:
		done = l.Sgeqrf(m, n, v, m, any(x.tau).([]float32))
	case []float64:
		done = l.Dgeqrf(m, n, v, m, any(x.tau).([]float64))
	}
	if !done {
		return false
	}
	for j := range n {
		row := x.v[j*m : (j+1)*m]
		for i := range min(j+1, m) {
			a[i*lda+j] = row[i]
		}
		if j < x.k {
			clear(row[:j])
			row[j] = 1
		}
	}
	return true
}

// panel reduces columns j, …, j+b-1, which it has as rows.
func (x *Orthogonal[T]) panel(j, b int, a []T, lda int) {
	m := x.m
	simd.Transpose(x.v[j*m+j:], m, a[j*lda+j:], lda, m-j, b)
	for c := j; c < j+b; c++ {
		row := x.v[c*m : (c+1)*m]
		for q := j; q < c; q++ {
			v := x.v[q*m+q : (q+1)*m]
			simd.Axpy(row[q:], -x.tau[q]*simd.Dot(row[q:], v), v)
		}
		beta, tau := reflect(row[c], row[c+1:])
		x.tau[c] = tau
		for i := j; i < c; i++ {
			a[i*lda+c] = row[i]
		}
		a[c*lda+c] = beta
		row[c] = 1
		clear(row[:c])
	}
}

// Columns stores the first count columns of Q in q, m×count, count ≤ m.
//
// Cost: 4mnk flops less what is 0, 4n³/3 for a square Q.
func (x *Orthogonal[T]) Columns(p *par.Pool, count int, q []T, ldq int) {
	for i := range x.m {
		row := q[i*ldq : i*ldq+count]
		clear(row)
		if i < count {
			row[i] = 1
		}
	}
	for j := (x.k - 1) / qrRows * qrRows; j >= 0 && x.k > 0; j -= qrRows {
		b := min(qrRows, x.k-j)
		if j < count { // before, the columns are those of the unit matrix
			x.applier.left(p, false, b, x.m-j, count-j, x.v[j*x.ldv+j:], x.ldv, x.tau[j:], q[j*ldq+j:], ldq)
		}
	}
}

// Apply computes C := Q C, C m×count.
func (x *Orthogonal[T]) Apply(p *par.Pool, count int, c []T, ldc int) {
	for j := (x.k - 1) / qrRows * qrRows; j >= 0 && x.k > 0; j -= qrRows {
		b := min(qrRows, x.k-j)
		x.applier.left(p, false, b, x.m-j, count, x.v[j*x.ldv+j:], x.ldv, x.tau[j:], c[j*ldc:], ldc)
	}
}

// normalizeFull scales a matrix by a power of 2 if its largest entry is far from 1, and
// returns its exponent: a was 2ᵉ times what it is.
func normalizeFull[T simd.Float](m, n int, a []T, lda int) (e int, err error) {
	return scaleToUnit(m, func(i int) []T { return a[i*lda : i*lda+n] })
}

// scaleToUnit is normalize for a matrix of that many rows.
func scaleToUnit[T simd.Float](rows int, row func(i int) []T) (e int, err error) {
	most := 0.0
	for i := range rows {
		v := simd.MaxAbs(row(i))
		if v-v != 0 {
			return 0, ErrNotFinite
		}
		most = max(most, v)
	}
	if most == 0 || most >= 0x1p-40 && most <= 0x1p40 {
		return 0, nil
	}
	_, e = math.Frexp(most)
	for i := range rows {
		r := row(i)
		for j, v := range r {
			r[j] = T(math.Ldexp(float64(v), -e))
		}
	}
	return e, nil
}
