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
	pool   *par.Pool
	n, ldq int
	q      []T
	d, e   []float64
	order  []int // of the rows of a part, from its first row, by d

	q2, u []T       // the rows at work; the vectors of diag(d) + ρzzᵀ
	delta []float64 // row i: d − λᵢ
	z     []float64 // of all rows, then of those kept
	poles []float64 // d of those kept
	fresh []float64 // z anew
	roots []float64
	kept  []int // rows, by d
	gone  []int // rows that are vectors already, by d
	kinds []kindOfRow
	slots []int // where a kept row lies in q2
	leaf  []float64

	k     int // rows kept
	rho   float64
	z0    int // where z of those kept begins
	phase dividePhase
	bad   bool
}

// kindOfRow says where a row of q is not 0.
type kindOfRow int8

const (
	inLeft kindOfRow = iota
	inBoth
	inRight
	kindsOfRows
)

// dividePhase is what Range does.
type dividePhase int

const (
	solvesRoots dividePhase = iota
	renewsZ
	writesVectors
)

const (
	leafRows    = 32  // of a part that is not divided, at most
	parallelAt  = 100 // rows of a part from which workers share it
	rootsAChunk = 8
	zAChunk     = 64
)

// solve stores the eigenvectors of the tridiagonal matrix (d, e) in the rows of q and the
// eigenvalues in d, both in no order; order says which is the i-th least.
func (x *divided[T]) solve(p *par.Pool, n int, q []T, ldq int) (ok bool) {
	x.pool, x.n, x.q, x.ldq, x.bad = p, n, q, ldq, false
	x.q2, x.u = grow(x.q2, n*n), grow(x.u, n*n)
	for _, b := range []*[]float64{&x.z, &x.poles, &x.fresh, &x.roots} {
		*b = grow(*b, n)
	}
	x.delta, x.leaf = grow(x.delta, n*n), grow(x.leaf, leafRows*leafRows)
	if cap(x.order) < n {
		x.order, x.kept, x.gone, x.slots = make([]int, n), make([]int, n), make([]int, n), make([]int, n)
		x.kinds = make([]kindOfRow, n)
	}
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
	x.d[mid-1] -= cut
	x.d[mid] -= cut
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
	if !ql(x.d[lo:hi], x.e[lo:hi-1], z) {
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
	n := hi - lo
	left, both := x.gather(lo, hi)
	p := x.pool
	if n < parallelAt {
		p = nil
	}
	x.phase = solvesRoots
	p.Run(x, x.k, rootsAChunk)
	x.phase = renewsZ
	p.Run(x, x.k, zAChunk)
	x.phase = writesVectors
	p.Run(x, x.k, rootsAChunk)
	k, n1 := x.k, mid-lo
	out := x.q[lo*x.ldq+lo:]
	Gemm(p, false, false, k, n1, left+both, 1, x.u, k, x.q2, n, 0, out, x.ldq)
	from := min(left, k-1)
	Gemm(p, false, false, k, n-n1, k-left, 1, x.u[from:], k, x.q2[from*n+n1:], n, 0, out[n1:], x.ldq)
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
		if len(b) == 0 || len(a) > 0 && x.d[lo+a[0]] <= x.d[mid+b[0]] {
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
		most = max(most, math.Abs(x.d[i]), math.Abs(x.z[i]))
	}
	small := 8 * epsilon[T]() * most
	kept, gone, last := 0, 0, -1
	for _, j := range x.kept[:hi-lo] {
		switch {
		case x.rho*math.Abs(x.z[j]) <= small:
			gone = x.drop(gone, j)
			continue
		case last >= 0 && x.rotate(last, j, lo, hi, small):
			gone = x.drop(gone, last)
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
	x.k, x.gone = kept, x.gone[:gone]
}

// drop inserts row j into the first count of gone.
func (x *divided[T]) drop(count, j int) int {
	x.gone = x.gone[:count+1]
	i := count
	for ; i > 0 && x.d[x.gone[i-1]] > x.d[j]; i-- {
		x.gone[i] = x.gone[i-1]
	}
	x.gone[i] = j
	return count + 1
}

// rotate decouples row i from row j if the two are close, and reports whether.
func (x *divided[T]) rotate(i, j, lo, hi int, small float64) bool {
	r := math.Hypot(x.z[i], x.z[j])
	c, s := x.z[j]/r, -x.z[i]/r
	if math.Abs((x.d[j]-x.d[i])*c*s) > small {
		return false
	}
	x.z[i], x.z[j] = 0, r
	if x.kinds[i] != x.kinds[j] {
		x.kinds[j] = inBoth
	}
	di, dj := x.d[i], x.d[j]
	x.d[i], x.d[j] = di*c*c+dj*s*s, di*s*s+dj*c*c
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
	var counts [kindsOfRows]int
	for _, j := range x.kept[:x.k] {
		counts[x.kinds[j]]++
	}
	at := [kindsOfRows]int{inBoth: counts[inLeft], inRight: counts[inLeft] + counts[inBoth]}
	for i, j := range x.kept[:x.k] {
		slot := at[x.kinds[j]]
		at[x.kinds[j]]++
		x.slots[i] = slot
		copy(x.q2[slot*n:(slot+1)*n], x.row(j, lo, hi))
		x.poles[i], x.fresh[i] = x.d[j], x.z[j]
	}
	for i, j := range x.gone {
		copy(x.q2[(x.k+i)*n:(x.k+i+1)*n], x.row(j, lo, hi))
	}
	copy(x.z[lo:], x.fresh[:x.k])
	x.z0 = lo
	return counts[inLeft], counts[inBoth]
}

// Range does the work of a phase.
func (x *divided[T]) Range(_, from, to int) {
	switch x.phase {
	case solvesRoots:
		for i := from; i < to; i++ {
			x.roots[i] = secular(i, x.poles[:x.k], x.z[x.z0:x.z0+x.k], x.rho, x.delta[i*x.k:(i+1)*x.k])
		}
	case renewsZ:
		x.renew(from, to)
	case writesVectors:
		for i := from; i < to; i++ {
			x.vector(i)
		}
	}
}

// renew computes z from the roots, |z_j|² ∝ Π_i (λᵢ − d_j) / Π_{i≠j} (dᵢ − d_j).
func (x *divided[T]) renew(from, to int) {
	k := x.k
	z, poles := x.fresh[from:to], x.poles[from:to]
	for j := range z {
		z[j] = 1
	}
	for i := range k {
		delta, pole := x.delta[i*k+from:i*k+to], x.poles[i]
		for j, v := range delta {
			if from+j == i {
				z[j] *= -v
			} else {
				z[j] *= v / (poles[j] - pole)
			}
		}
	}
	for j, v := range z {
		z[j] = math.Copysign(math.Sqrt(math.Abs(v)), x.z[x.z0+from+j])
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

// join writes the eigenvalues and the rows that are gone behind those kept, and their order.
func (x *divided[T]) join(lo, hi int) {
	n, k := hi-lo, x.k
	if k == 0 {
		for i, j := range x.gone {
			x.order[lo+i] = j - lo
		}
		return
	}
	for i, j := range x.gone {
		x.fresh[i] = x.d[j]
		copy(x.row(lo+k+i, lo, hi), x.q2[(k+i)*n:])
	}
	copy(x.d[lo:], x.roots[:k])
	copy(x.d[lo+k:], x.fresh[:n-k])
	a, b := 0, k
	for i := range n {
		if b == n || a < k && x.d[lo+a] <= x.d[lo+b] {
			x.order[lo+i] = a
			a++
		} else {
			x.order[lo+i] = b
			b++
		}
	}
}
