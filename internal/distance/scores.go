package distance

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Scores are those of the rows of one panel for some centres, and what is found among them: a worker's memory.
type Scores struct {
	p            *Points
	c            *Centres
	panel, k     int
	longest      float64   // the norm of a row of the panel
	products     []float32 // −2x̂ᵀĉ, centre after centre, a panel's width each
	best, second []float32
	at           []int32
	candidates   []int32
}

// Of computes the products of panel q with the first k centres of c.
//
// Cost: 2kd flops in float32 a row.
func (s *Scores) Of(p *Points, c *Centres, k, q int) {
	w, h := p.tile.Cols, p.tile.Rows
	s.p, s.c, s.panel, s.k, s.longest = p, c, q, k, 0
	first, end := p.rowsOf(q)
	for _, v := range p.norms[first:end] {
		s.longest = max(s.longest, v)
	}
	if len(s.products) < k*w {
		s.products = make([]float32, k*w)
	}
	if len(s.best) < w {
		s.best, s.second, s.at = make([]float32, w), make([]float32, w), make([]int32, w)
	}
	if cap(s.candidates) < max(k, w) {
		s.candidates = make([]int32, 0, max(k, w))
	}
	for l := 0; l < p.d; l += depth {
		beta := float32(1)
		if l == 0 {
			beta = 0
		}
		for j := 0; j < k; j += h {
			p.tile.Call(min(depth, p.d-l), &c.packed[j*p.d+l*h], 1, h, &p.panels[(q*p.d+l)*w], w, &s.products[j*w], w,
				min(h, k-j), w, 1, beta)
		}
	}
}

// Nearest returns, for each row of the panel, the centre of lo, …, hi−1, counted from lo, that is nearest to it by
// Squared, the first among equals. They are good until the next call.
func (s *Scores) Nearest(lo, hi int) []int32 {
	w := s.p.tile.Cols
	simd.LeastTwo(s.c.square[lo:hi], s.products[lo*w:], s.best[:w], s.second[:w], s.at[:w])
	most := s.c.longest(lo, hi)
	first, end := s.p.rowsOf(s.panel)
	labels := s.at[:end-first]
	if hi-lo == 1 {
		return labels
	}
	for i := range labels {
		best := float64(s.best[i])
		margin := s.p.bound.margin(s.p.norms[first+i], most)
		if !(float64(s.second[i])-best > margin) {
			labels[i] = int32(s.exact(first+i, lo, hi, best+margin) - lo)
		}
	}
	return labels
}

// exact returns the nearest of the centres lo, …, hi−1 whose scores for row i are not above least.
func (s *Scores) exact(i, lo, hi int, least float64) int {
	w := s.p.tile.Cols
	s.candidates = s.candidates[:0]
	for j := lo; j < hi; j++ {
		if v := float64(s.c.square[j]) + float64(s.products[j*w+i%w]); !(v > least) {
			s.candidates = append(s.candidates, int32(j))
		}
	}
	at, nearest := lo, math.Inf(1)
	row := s.p.Row(i)
	var four [4][]float64
	for n := 0; n < len(s.candidates); n += 4 {
		some := s.candidates[n:min(n+4, len(s.candidates))]
		for e := range four {
			four[e] = s.c.Row(int(some[min(e, len(some)-1)]))
		}
		for e, v := range squaredFour(&four, row) {
			if v < nearest {
				at, nearest = int(some[min(e, len(some)-1)]), v
			}
		}
	}
	return at
}

// Approach lowers near[i] to the distance between row i of the panel and centre j where that is less.
func (s *Scores) Approach(j int, near []float64) {
	w := s.p.tile.Cols
	first, end := s.p.rowsOf(s.panel)
	s.candidates = s.candidates[:0]
	scale, norm, square := s.p.scale, s.c.norm[j], float64(s.c.square[j])
	for i := first; i < end; i++ {
		size := s.p.norms[i]
		least := size*size + square + float64(s.products[j*w+i-first]) - s.p.bound.margin(size, norm)
		if !(least >= near[i]*scale*scale) {
			s.candidates = append(s.candidates, int32(i))
		}
	}
	c := s.c.Row(j)
	var four [4][]float64
	for n := 0; n < len(s.candidates); n += 4 {
		some := s.candidates[n:min(n+4, len(s.candidates))]
		for e := range four {
			four[e] = s.p.Row(int(some[min(e, len(some)-1)]))
		}
		d := squaredFour(&four, c)
		for e, i := range some {
			near[i] = min(near[i], d[e])
		}
	}
}
