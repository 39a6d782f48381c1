package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// bidivided computes the singular vectors of an upper bidiagonal matrix with one column
// more than rows. It is cut at a row between two matrices of its kind; with their singular
// vectors it is one of a row and a diagonal,
//
//	M = (z₀ z₁ … ; 0 diag(d₁ …)),
//
// whose singular values are the roots of 1 + Σ z_j²/(d_j² − σ²), d₀ = 0. Left vectors are
// the rows of u, r×r, right ones those of v, of which the last, behind r, is orthogonal to
// all rows of the matrix. All but vectors is float64.
//
// Source: M. Gu, S. Eisenstat. A divide-and-conquer algorithm for the bidiagonal SVD. SIAM
// J. Matrix Anal. Appl. 16(1), 1995.
type bidivided[T simd.Float] struct {
	division // the first row kept is that of z₀
	ldu, ldv int
	u, v     []T
	d, e     []float64 // diagonal, and right of it

	u2, v2, cu, cv []T // rows at work; the vectors of M
}

// vectors stores singular vectors in u, n×n, if it is not nil, and v, (n+1)×(n+1), and
// singular values in values; order says which is the i-th least. Vectors are only those of
// the want largest.
func (x *bidivided[T]) vectors(p *par.Pool, n, want int, u []T, ldu int, v []T, ldv int) {
	x.start(p, n, want)
	x.u, x.ldu, x.v, x.ldv = u, ldu, v, ldv
	x.values = grow(x.values, n)
	x.v2, x.cv = grow(x.v2, (n+1)*(n+1)), grow(x.cv, n*n)
	if u != nil {
		x.u2, x.cu = grow(x.u2, n*n), grow(x.cu, n*n)
	}
	for i := range n {
		clear(x.rowU(i, 0, n))
	}
	for i := range n + 1 {
		clear(v[i*ldv : i*ldv+n+1])
	}
	x.part(0, n)
	x.u, x.v = nil, nil
}

// part solves for rows lo, …, hi-1 and columns lo, …, hi.
func (x *bidivided[T]) part(lo, hi int) {
	switch hi - lo {
	case 0:
		x.v[lo*x.ldv+lo] = 1
		return
	case 1:
		x.order[lo] = 0
		if x.u != nil {
			x.u[lo*x.ldu+lo] = 1
		}
		d, e := x.d[lo], x.e[lo]
		s := math.Hypot(d, e)
		x.values[lo] = s
		if s == 0 {
			d, s = 1, 1
		}
		a, b := x.v[lo*x.ldv+lo:], x.v[hi*x.ldv+lo:]
		a[0], a[1], b[0], b[1] = T(d/s), T(e/s), T(-e/s), T(d/s)
		return
	}
	mid := lo + (hi-lo)/2
	x.part(lo, mid)
	x.part(mid+1, hi)
	x.merge(lo, mid, hi)
}

// rowU returns the part of row i of u that its part of the matrix has, nothing without u.
func (x *bidivided[T]) rowU(i, lo, hi int) []T {
	if x.u == nil {
		return nil
	}
	return x.u[i*x.ldu+lo : i*x.ldu+hi]
}

// rowV has a column more.
func (x *bidivided[T]) rowV(i, lo, hi int) []T { return x.v[i*x.ldv+lo : i*x.ldv+hi+1] }

// merge puts the parts above and below row mid together.
func (x *bidivided[T]) merge(lo, mid, hi int) {
	small := x.begin(lo, mid, hi)
	x.deflate(lo, mid, hi, small)
	left, both := x.gather(lo, hi, small)
	n, k := hi-lo, x.k
	p, rows := x.division.solve(x, n)
	if rows == 0 {
		x.join(lo, hi)
		return
	}
	from, n1, at := min(left, k-1), mid-lo, min(x.skip, k-1)*k
	cv, v := x.cv[at:], x.v[(lo+x.skip)*x.ldv+lo:]
	Gemm(p, false, false, rows, n1+1, left+both, 1, cv, k, x.v2, n+1, 0, v, x.ldv)
	Gemm(p, false, false, rows, n-n1, k-left, 1, cv[from:], k, x.v2[from*(n+1)+n1+1:], n+1, 0, v[n1+1:], x.ldv)
	if x.u != nil {
		cu, u := x.cu[at:], x.u[(lo+x.skip)*x.ldu+lo:]
		Gemm(p, false, false, rows, n1, left+both, 1, cu, k, x.u2, n, 0, u, x.ldu)
		Gemm(p, false, false, rows, n-n1-1, k-left, 1, cu[from:], k, x.u2[from*n+n1+1:], n, 0, u[n1+1:], x.ldu)
		for i := range rows {
			u[i*x.ldu+n1] = cu[i*k+x.slots[0]]
		}
	}
	x.join(lo, hi)
}

// begin forms z, the row of V that goes with z₀ and the one that is orthogonal to all. It
// returns what counts as 0.
func (x *bidivided[T]) begin(lo, mid, hi int) (small float64) {
	d, e := x.d[mid], x.e[mid]
	first, null := x.rowV(mid, lo, hi), x.rowV(hi, lo, hi)
	a, b := d*float64(first[mid-lo]), e*float64(null[mid+1-lo])
	r := math.Hypot(a, b)
	c, s := 1.0, 0.0
	if r > 0 {
		c, s = a/r, b/r
	}
	turn(first, null, T(c), T(s))
	most := max(math.Abs(d), math.Abs(e))
	for j := lo; j < mid; j++ {
		x.z[j], x.kinds[j] = d*float64(x.v[j*x.ldv+mid]), inLeft
		most = max(most, x.values[j])
	}
	for j := mid + 1; j < hi; j++ {
		x.z[j], x.kinds[j] = e*float64(x.v[j*x.ldv+mid+1]), inRight
		most = max(most, x.values[j])
	}
	small = 8 * epsilon[T]() * most
	x.z[mid], x.values[mid], x.kinds[mid] = max(r, small), 0, inBoth
	return small
}

// turn computes (a, b) := (c·a + s·b, c·b − s·a).
func turn[T simd.Float](a, b []T, c, s T) {
	for l, v := range a {
		w := b[l]
		a[l], b[l] = c*v+s*w, c*w-s*v
	}
}

// deflate leaves in kept row mid and what is coupled by z and apart in s, by s, and puts the
// rest, which are singular vectors already, or become so by a rotation of two, into gone.
func (x *bidivided[T]) deflate(lo, mid, hi int, small float64) {
	a, b := x.order[lo:mid], x.order[mid+1:hi]
	x.kept[0] = mid
	kept, last := 1, -1
	x.gone = x.gone[:0]
	for len(a)+len(b) > 0 {
		var j int
		if len(b) == 0 || len(a) > 0 && x.values[lo+a[0]] <= x.values[mid+1+b[0]] {
			j, a = lo+a[0], a[1:]
		} else {
			j, b = mid+1+b[0], b[1:]
		}
		switch {
		case math.Abs(x.z[j]) <= small:
			x.drop(j)
			continue
		case last >= 0 && x.values[j]-x.values[last] <= small:
			x.rotate(last, j, lo, hi)
			x.drop(last)
		case last >= 0:
			x.kept[kept] = last
			kept++
		}
		last = j
	}
	if last >= 0 {
		x.kept[kept] = last
		kept++
	}
	x.k = kept
}

// rotate decouples row i from row j, whose s is nearly the same.
func (x *bidivided[T]) rotate(i, j, lo, hi int) {
	r := math.Hypot(x.z[i], x.z[j])
	c, s := T(x.z[j]/r), T(-x.z[i]/r)
	x.z[i], x.z[j] = 0, r
	if x.kinds[i] != x.kinds[j] {
		x.kinds[j] = inBoth
	}
	turn(x.rowU(i, lo, hi), x.rowU(j, lo, hi), c, s)
	turn(x.rowV(i, lo, hi), x.rowV(j, lo, hi), c, s)
}

// gather copies the rows kept to u2 and v2, those of a kind together, and those gone behind.
// It returns how many lie in the left half only and in both.
func (x *bidivided[T]) gather(lo, hi int, small float64) (left, both int) {
	left, both = x.place()
	for i, j := range x.kept[:x.k] {
		x.toWork(x.slots[i], j, lo, hi)
	}
	for i, j := range x.gone {
		x.toWork(x.k+i, j, lo, hi)
	}
	if x.k > 1 {
		x.poles[1] = max(x.poles[1], small/2)
	}
	return left, both
}

// toWork copies row j to a slot.
func (x *bidivided[T]) toWork(slot, j, lo, hi int) {
	n := hi - lo
	if x.u != nil {
		copy(x.u2[slot*n:], x.rowU(j, lo, hi))
	}
	copy(x.v2[slot*(n+1):], x.rowV(j, lo, hi))
}

// Range does the work of a phase.
func (x *bidivided[T]) Range(_, from, to int) {
	k := x.k
	switch x.phase {
	case solvesRoots:
		for i := from; i < to; i++ {
			x.roots[i] = secularRow(i, x.poles[:k], x.zs[:k], x.delta[i*k:(i+1)*k])
		}
	case renewsZ:
		x.renew(from, to, 0, 1)
	case writesVectors:
		for i := from; i < to; i++ {
			x.vectorsOf(x.skip + i)
		}
	}
}

// vectorsOf writes those of root i in the order of u2: v_j = z_j/(d_j² − σᵢ²), u₀ = −1 and
// u_j = d_j v_j, scaled to length 1.
func (x *bidivided[T]) vectorsOf(i int) {
	k := x.k
	delta := x.delta[i*k : (i+1)*k]
	if k == 1 {
		x.cv[0] = 1
		if x.u != nil {
			x.cu[0] = 1
		}
		return
	}
	sumU, sumV := 1.0, 0.0
	for j, v := range delta {
		v = x.fresh[j] / v
		delta[j] = v
		sumV += v * v
		v *= x.poles[j]
		sumU += v * v
	}
	v, normV := x.cv[i*k:(i+1)*k], 1/math.Sqrt(sumV)
	for j, w := range delta {
		v[x.slots[j]] = T(w * normV)
	}
	if x.u == nil {
		return
	}
	u, normU := x.cu[i*k:(i+1)*k], 1/math.Sqrt(sumU)
	for j, w := range delta {
		u[x.slots[j]] = T(w * x.poles[j] * normU)
	}
	u[x.slots[0]] = T(-normU)
}

// join writes what is gone behind what is kept.
func (x *bidivided[T]) join(lo, hi int) {
	n, k := hi-lo, x.k
	for i := range x.gone {
		if x.u != nil {
			copy(x.rowU(lo+k+i, lo, hi), x.u2[(k+i)*n:])
		}
		copy(x.rowV(lo+k+i, lo, hi), x.v2[(k+i)*(n+1):])
	}
	x.division.join(lo, hi)
}
