package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// division is what divide and conquer has in common for eigenvalues of a tridiagonal and
// singular values of a bidiagonal matrix. A part of the rows is put together from two whose
// vectors are known: those coupled by z and apart in value are kept, and solved for by a
// secular equation; the rest are gone: vectors of the whole already.
type division struct {
	pool    *par.Pool
	n, want int       // rows of the whole, and how many largest values' vectors are computed
	above   float64   // if want is anyNumber: those of values above that
	values  []float64 // of the rows; those of a part in no order
	order   []int     // of the rows of a part, from its first row, by value

	z, zs      []float64 // of all rows; of those kept
	poles      []float64 // values of those kept
	roots      []float64
	delta      []float64 // row i: what tells the poles from root i
	fresh      []float64 // z of those kept, anew
	kept, gone []int     // rows, by value
	kinds      []kindOfRow
	slots      []int // where a kept row lies among those at work

	k     int // rows kept
	skip  int // of the roots, the first, whose vectors are not computed
	phase dividePhase
}

// kindOfRow says where a row of vectors is not 0.
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
	parallelAt  = 100 // rows of a part from which workers share it
	rootsAChunk = 8
	zAChunk     = 64
)

// anyNumber of vectors is wanted of values above a bound.
const anyNumber = -1

// start makes room for n rows, and one more of values.
func (x *division) start(p *par.Pool, n, want int) {
	x.pool, x.n, x.want = p, n, want
	for _, b := range []*[]float64{&x.z, &x.zs, &x.poles, &x.fresh, &x.roots} {
		*b = grow(*b, n+1)
	}
	x.delta = grow(x.delta, n*n)
	if cap(x.order) < n {
		x.order, x.kept, x.gone, x.slots = make([]int, n), make([]int, n), make([]int, n), make([]int, n)
		x.kinds = make([]kindOfRow, n)
	}
}

// drop inserts row j into gone.
func (x *division) drop(j int) {
	i := len(x.gone)
	x.gone = x.gone[:i+1]
	for ; i > 0 && x.values[x.gone[i-1]] > x.values[j]; i-- {
		x.gone[i] = x.gone[i-1]
	}
	x.gone[i] = j
}

// place gives the rows kept their slots, those of a kind together, and copies their values
// and z. It returns how many lie in the left half only and in both.
func (x *division) place() (left, both int) {
	var counts [kindsOfRows]int
	for _, j := range x.kept[:x.k] {
		counts[x.kinds[j]]++
	}
	at := [kindsOfRows]int{inBoth: counts[inLeft], inRight: counts[inLeft] + counts[inBoth]}
	for i, j := range x.kept[:x.k] {
		x.slots[i] = at[x.kinds[j]]
		at[x.kinds[j]]++
		x.poles[i], x.zs[i] = x.values[j], x.z[j]
	}
	return counts[inLeft], counts[inBoth]
}

// solve runs the phases of task for a part of n rows, and returns the pool for its
// products and how many vectors were written, those of the last roots.
func (x *division) solve(task par.Task, n int) (p *par.Pool, rows int) {
	if n >= parallelAt {
		p = x.pool
	}
	x.phase = solvesRoots
	p.Run(task, x.k, rootsAChunk)
	x.phase = renewsZ
	p.Run(task, x.k, zAChunk)
	x.skip = 0
	if n == x.n {
		x.skip = x.unwanted()
	}
	x.phase = writesVectors
	p.Run(task, x.k-x.skip, rootsAChunk)
	return p, x.k - x.skip
}

// unwanted returns how many of the roots are not among the want largest values.
func (x *division) unwanted() int {
	kept, gone := x.k, len(x.gone)
	if x.want == anyNumber {
		for kept > 0 && x.roots[kept-1] > x.above {
			kept--
		}
		return kept
	}
	for range x.want {
		if gone == 0 || kept > 0 && x.roots[kept-1] > x.values[x.gone[gone-1]] {
			kept--
		} else {
			gone--
		}
	}
	return kept
}

// renew computes z of some rows from the roots,
//
//	z_j² ∝ Π_i delta_ij / Π_{i≠j} apart(d_i, d_j),
//
// where apart is what delta is, of two poles.
func (x *division) renew(from, to int, difference, squares float64) {
	k := x.k
	z, poles := x.fresh[from:to], x.poles[from:to]
	for j := range z {
		z[j] = 1
	}
	for i := range k {
		delta, pole := x.delta[i*k+from:i*k+to], x.poles[i]
		shift := difference + squares*pole
		for j, v := range delta {
			if from+j == i {
				z[j] *= -v
			} else {
				z[j] *= v / ((poles[j] - pole) * (squares*poles[j] + shift))
			}
		}
	}
	for j, v := range z {
		z[j] = math.Copysign(math.Sqrt(math.Abs(v)), x.zs[from+j])
	}
}

// join writes the values of a part, those gone behind those kept, and their order.
func (x *division) join(lo, hi int) {
	n, k := hi-lo, x.k
	for i, j := range x.gone {
		x.fresh[i] = x.values[j]
	}
	copy(x.values[lo:], x.roots[:k])
	copy(x.values[lo+k:], x.fresh[:n-k])
	a, b := 0, k
	for i := range n {
		if b == n || a < k && x.values[lo+a] <= x.values[lo+b] {
			x.order[lo+i] = a
			a++
		} else {
			x.order[lo+i] = b
			b++
		}
	}
}
