package coding

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// mostProducts is the most samples whose inner products are all kept: 64 MiB.
const mostProducts = 4096

// samples are the rows of a matrix, and what the costs of their groups have in common.
//
// Symmetric matrices are packed.
type samples struct {
	x       *mat.Dense // about the mean of all, if affine
	centre  []float64  // that mean; nil: groups are about the origin
	eps2    float64
	n, d    int
	product []float64 // of rows with rows, packed; nil if they are computed when needed
	member  []float64 // bits that code which samples are in a group, by its size
	none    group     // without rows
}

// A scratch is memory of one worker.
type scratch struct {
	gram []float64 // that is factored, packed
	line []float64 // of d numbers
	rows []int     // of a union
}

// A group of rows.
type group struct {
	rows []int
	sum  []float64 // of the rows; nil if about the origin
	gram []float64 // Σ xxᵀ, packed; nil as long as the group has fewer rows than features
	cost float64   // its part of Lˢ, in bits
}

func newSamples(x *mat.Dense, eps2 float64, affine bool) samples {
	n, d := x.Dims()
	s := samples{x: x, eps2: eps2, n: n, d: d, member: make([]float64, n+1)}
	for size := 1; size <= n; size++ {
		s.member[size] = float64(size) * math.Log2(float64(n)/float64(size))
	}
	if affine {
		s.centre = make([]float64, d)
		for i := range n {
			floats.AddScaled(s.centre, 1/float64(n), x.RawRowView(i))
		}
		s.x = mat.DenseCopyOf(x)
		for i := range n {
			floats.Sub(s.x.RawRowView(i), s.centre)
		}
		s.none.sum = make([]float64, d)
	}
	return s
}

// products returns XXᵀ, packed.
func products(x *mat.Dense) []float64 {
	const block = 64
	n, d := x.Dims()
	out := make([]float64, 0, packed(n))
	var some mat.Dense
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		some.Reset()
		some.Mul(x.Slice(lo, hi, 0, d), x.Slice(0, hi, 0, d).T())
		for i := lo; i < hi; i++ {
			out = append(out, some.RawRowView(i - lo)[:i+1]...)
		}
	}
	return out
}

func (s *samples) newScratch() scratch {
	return scratch{gram: make([]float64, packed(s.d)), line: make([]float64, s.d), rows: make([]int, 0, s.d)}
}

// group returns the group of some rows, which it keeps. Its cost is not finite if float64 has no
// room for it.
func (s *samples) group(w *scratch, rows []int) *group {
	g := &group{rows: rows}
	if s.centre != nil {
		g.sum = make([]float64, s.d)
		for _, i := range rows {
			floats.Add(g.sum, s.x.RawRowView(i))
		}
	}
	s.settle(w, g)
	return g
}

// unite adds the rows of b to a.
func (s *samples) unite(w *scratch, a, b *group) {
	if a.gram != nil {
		s.addGram(a.gram, b)
	}
	if a.sum != nil {
		floats.Add(a.sum, b.sum)
	}
	a.rows = append(a.rows, b.rows...)
	s.settle(w, a)
}

// settle computes what follows from the rows of g.
func (s *samples) settle(w *scratch, g *group) {
	if g.gram == nil && len(g.rows) >= s.d {
		gram := make([]float64, packed(s.d))
		s.addGram(gram, g)
		g.gram = gram
	}
	g.cost = s.cost(w, g, &s.none)
}

// addGram adds Σ xxᵀ over the rows of g to dst.
func (s *samples) addGram(dst []float64, g *group) {
	if g.gram != nil {
		floats.Add(dst, g.gram)
		return
	}
	for _, r := range g.rows {
		addOuter(dst, 1, s.x.RawRowView(r))
	}
}

// addOuter adds a·vvᵀ to dst.
func addOuter(dst []float64, a float64, v []float64) {
	for i, vi := range v {
		row := dst[:i+1]
		for j, vj := range v[:i+1] {
			row[j] += a * vi * vj
		}
		dst = dst[i+1:]
	}
}

// cost returns the part of Lˢ of the union of two groups, in bits.
func (s *samples) cost(w *scratch, a, b *group) float64 {
	size := len(a.rows) + len(b.rows)
	order := min(size, s.d)
	if size < s.d {
		s.inner(w, a, b)
	} else {
		s.scatter(w, a, b)
	}
	ld := logdetPacked(w.gram[:packed(order)], order, alpha(s.d, float64(size), s.eps2), w.line)
	bits := float64(size+s.d)/2*ld/math.Ln2 + s.member[size]
	if s.centre == nil {
		return bits
	}
	mu2 := 0.0
	for j, c := range s.centre {
		mu := c + (a.sum[j]+b.sum[j])/float64(size)
		mu2 += mu * mu
	}
	return bits + float64(s.d)/2*math.Log2(1+mu2/s.eps2)
}

// scatter writes XᵀX of the union, about its mean if groups are affine: d×d.
func (s *samples) scatter(w *scratch, a, b *group) {
	if a.gram == nil {
		a, b = b, a
	}
	switch {
	case b.gram != nil:
		floats.AddTo(w.gram, a.gram, b.gram)
	case a.gram != nil:
		copy(w.gram, a.gram)
		s.addGram(w.gram, b)
	default:
		clear(w.gram)
		s.addGram(w.gram, a)
		s.addGram(w.gram, b)
	}
	if s.centre != nil {
		floats.AddTo(w.line, a.sum, b.sum)
		addOuter(w.gram, -1/float64(len(a.rows)+len(b.rows)), w.line)
	}
}

// inner writes XXᵀ of the union, about its mean if groups are affine: of the order of its size.
func (s *samples) inner(w *scratch, a, b *group) {
	w.rows = append(append(w.rows[:0], a.rows...), b.rows...)
	at := 0
	for i, r := range w.rows {
		for _, c := range w.rows[:i+1] {
			w.gram[at] = s.dot(r, c)
			at++
		}
	}
	if s.centre != nil {
		centrePacked(w.gram, w.line[:len(w.rows)])
	}
}

// dot returns the inner product of two rows.
func (s *samples) dot(i, j int) float64 {
	if s.product == nil {
		return floats.Dot(s.x.RawRowView(i), s.x.RawRowView(j))
	}
	return s.product[packed(max(i, j))+min(i, j)]
}

// centrePacked overwrites G by HGH with H = I − 11ᵀ/size: the mean of each row, and of all, is
// taken out. mean is scratch.
func centrePacked(g, mean []float64) {
	clear(mean)
	at, all, size := 0, 0.0, float64(len(mean))
	for i := range mean {
		for j, v := range g[at : at+i] {
			mean[i] += v / size
			mean[j] += v / size
		}
		mean[i] += g[at+i] / size
		at += i + 1
	}
	for _, v := range mean {
		all += v / size
	}
	at = 0
	for i := range mean {
		for j := range mean[:i+1] {
			g[at+j] += all - mean[i] - mean[j]
		}
		at += i + 1
	}
}

// tooLarge is the error of a cost that is not finite.
func (s *samples) tooLarge() error {
	return errors.Wrapf(ErrInput, "I + d/(sε²)·XᵀX of s samples is not positive definite in float64: samples are "+
		"too large for ε² = %v; scale them down or make it larger", s.eps2)
}
