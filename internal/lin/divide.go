package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// divided computes the eigenvectors of a tridiagonal matrix: it is cut in halves that
// differ from it by a matrix of rank one, and the eigenvectors of the halves are put
// together by two products. Vectors are the rows of q. All but vectors is float64.
//
// Sources: J. Cuppen. A divide and conquer method for the symmetric tridiagonal
// eigenproblem. Numerische Mathematik 36, 1981. M. Gu, S. Eisenstat. A divide-and-conquer
// algorithm for the symmetric tridiagonal eigenproblem. SIAM J. Matrix Anal. Appl. 16(1),
// 1995: z is computed anew from the roots, so that the vectors are orthogonal.
type divided[T simd.Float] struct {
	division
	ldq int
	q   []T
	e   []float64

	q2, u []T // the rows at work; the vectors of diag(d) + ρzzᵀ
	leaf  []float64
	rho   float64
	bad   bool
}

const leafRows = 32 // of a part that is not divided, at most

// vectors stores the eigenvectors of the tridiagonal matrix (values, e) in the rows of q and
// the eigenvalues in values, both in no order; order says which is the i-th least. Vectors are only
// those of the want largest.
func (x *divided[T]) vectors(p *par.Pool, n, want int, q []T, ldq int) (ok bool) {
	x.start(p, n, want)
	x.q, x.ldq, x.bad = q, ldq, false
	x.q2, x.u = grow(x.q2, n*n), grow(x.u, n*n)
	x.leaf = grow(x.leaf, leafRows*leafRows)
	for i := range n {
		clear(q[i*ldq : i*ldq+n])
	}
	x.part(0, n)
	x.q = nil
	return !x.bad
}

// part solves for rows lo, …, hi-1.
func (x *divided[T]) part(lo, hi int) {
	if hi-lo <= leafRows {
		x.base(lo, hi)
		return
	}
	mid := lo + (hi-lo)/2
	cut := math.Abs(x.e[mid-1])
	x.values[mid-1] -= cut
	x.values[mid] -= cut
	x.part(lo, mid)
	x.part(mid, hi)
	x.merge(lo, mid, hi)
}

// base solves by iterations.
func (x *divided[T]) base(lo, hi int) {
	n := hi - lo
	z := x.leaf[:n*n]
	clear(z)
	for i := range n {
		z[i*n+i] = 1
		x.order[lo+i] = i
	}
	if !ql(x.values[lo:hi], x.e[lo:hi-1], z) {
		x.bad = true
	}
	for i := range n {
		for j, v := range z[i*n : (i+1)*n] {
			x.q[(lo+i)*x.ldq+lo+j] = T(v)
		}
	}
}

// row returns the part of row i of q that its part of the matrix has.
func (x *divided[T]) row(i, lo, hi int) []T { return x.q[i*x.ldq+lo : i*x.ldq+hi] }

// merge puts the halves of rows lo, …, hi-1 together.
func (x *divided[T]) merge(lo, mid, hi int) {
	x.begin(lo, mid, hi)
	x.deflate(lo, hi)
	if x.k == 0 {
		x.join(lo, hi)
		return
	}
	left, both := x.gather(lo, hi)
	n := hi - lo
	p, rows := x.division.solve(x, n)
	if rows == 0 {
		x.join(lo, hi)
		return
	}
	k, n1 := x.k, mid-lo
	u, out := x.u[min(x.skip, k-1)*k:], x.q[(lo+x.skip)*x.ldq+lo:]
	Gemm(p, false, false, rows, n1, left+both, 1, u, k, x.q2, n, 0, out, x.ldq)
	from := min(left, k-1)
	Gemm(p, false, false, rows, n-n1, k-left, 1, u[from:], k, x.q2[from*n+n1:], n, 0, out[n1:], x.ldq)
	x.join(lo, hi)
}

// begin forms z and ρ, and sorts the rows by d into kept.
func (x *divided[T]) begin(lo, mid, hi int) {
	e := x.e[mid-1]
	x.rho = 2 * math.Abs(e)
	sign := math.Copysign(math.Sqrt2/2, e)
	for i := lo; i < mid; i++ {
		x.z[i], x.kinds[i] = float64(x.q[i*x.ldq+mid-1])*(math.Sqrt2/2), inLeft
	}
	for i := mid; i < hi; i++ {
		x.z[i], x.kinds[i] = float64(x.q[i*x.ldq+mid])*sign, inRight
	}
	a, b := x.order[lo:mid], x.order[mid:hi]
	for i := range hi - lo {
		if len(b) == 0 || len(a) > 0 && x.values[lo+a[0]] <= x.values[mid+b[0]] {
			x.kept[i], a = lo+a[0], a[1:]
		} else {
			x.kept[i], b = mid+b[0], b[1:]
		}
	}
}

// deflate leaves in kept what is coupled by z and apart in d, and puts the rest, which are
// eigenvectors already, or become so by a rotation of two, into gone.
func (x *divided[T]) deflate(lo, hi int) {
	most := 0.0
	for i := lo; i < hi; i++ {
		most = max(most, math.Abs(x.values[i]), math.Abs(x.z[i]))
	}
	small := 8 * epsilon[T]() * most
	kept, last := 0, -1
	x.gone = x.gone[:0]
	for _, j := range x.kept[:hi-lo] {
		switch {
		case x.rho*math.Abs(x.z[j]) <= small:
			x.drop(j)
			continue
		case last >= 0 && x.rotate(last, j, lo, hi, small):
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

// rotate decouples row i from row j if the two are close, and reports whether.
func (x *divided[T]) rotate(i, j, lo, hi int, small float64) bool {
	r := math.Hypot(x.z[i], x.z[j])
	c, s := x.z[j]/r, -x.z[i]/r
	if math.Abs((x.values[j]-x.values[i])*c*s) > small {
		return false
	}
	x.z[i], x.z[j] = 0, r
	if x.kinds[i] != x.kinds[j] {
		x.kinds[j] = inBoth
	}
	di, dj := x.values[i], x.values[j]
	x.values[i], x.values[j] = di*c*c+dj*s*s, di*s*s+dj*c*c
	a, b := x.row(i, lo, hi), x.row(j, lo, hi)
	ct, st := T(c), T(s)
	for l, v := range a {
		w := b[l]
		a[l], b[l] = ct*v+st*w, ct*w-st*v
	}
	return true
}

// gather copies the rows kept to q2, those of a kind together, and those gone behind. It
// returns how many lie in the left half only and in both.
func (x *divided[T]) gather(lo, hi int) (left, both int) {
	n := hi - lo
	left, both = x.place()
	for i, j := range x.kept[:x.k] {
		copy(x.q2[x.slots[i]*n:(x.slots[i]+1)*n], x.row(j, lo, hi))
	}
	for i, j := range x.gone {
		copy(x.q2[(x.k+i)*n:(x.k+i+1)*n], x.row(j, lo, hi))
	}
	return left, both
}

// Range does the work of a phase.
func (x *divided[T]) Range(_, from, to int) {
	switch x.phase {
	case solvesRoots:
		for i := from; i < to; i++ {
			x.roots[i] = secular(i, x.poles[:x.k], x.zs[:x.k], x.rho, x.delta[i*x.k:(i+1)*x.k])
		}
	case renewsZ:
		x.renew(from, to, 1, 0)
	case writesVectors:
		for i := from; i < to; i++ {
			x.vector(x.skip + i)
		}
	}
}

// vector writes the vector of root i, z_j/(d_j − λᵢ) scaled to length 1, in the order of q2.
func (x *divided[T]) vector(i int) {
	k := x.k
	delta, u := x.delta[i*k:(i+1)*k], x.u[i*k:(i+1)*k]
	sum := 0.0
	for j, v := range delta {
		v = x.fresh[j] / v
		delta[j] = v
		sum += v * v
	}
	norm := 1 / math.Sqrt(sum)
	for j, v := range delta {
		u[x.slots[j]] = T(v * norm)
	}
}

// join writes the rows that are gone behind those kept.
func (x *divided[T]) join(lo, hi int) {
	n, k := hi-lo, x.k
	if k == 0 {
		for i, j := range x.gone {
			x.order[lo+i] = j - lo
		}
		return
	}
	for i := range x.gone {
		copy(x.row(lo+k+i, lo, hi), x.q2[(k+i)*n:])
	}
	x.division.join(lo, hi)
}
