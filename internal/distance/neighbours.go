package distance

import (
	"math"
	"math/bits"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Neighbours stores, for each of m rows of x, row i from x[i·ld] on, the k points that are nearest to it by Squared,
// the nearest first and the lower index first among equals: their indices in at and the squared distances in far, both
// m×k. With others set, rows are the points themselves, and a point is no neighbour of its own. The rows must be as
// NewPoints wants them, and k at most the number of points, or of others.
//
// Cost: 2·m·n·d flops in float32, and about k·log(n/k) distances a row; memory for a panel of scores a worker.
func (p *Points) Neighbours(pool *par.Pool, x []float64, m, ld, k int, others bool, at []int32, far []float64) {
	s := &search{p: p, x: x, ld: ld, k: k, others: others, at: at, far: far, m: m,
		seekers: make([]seeker, pool.Workers())}
	for i := range far[:m*k] {
		far[i] = math.Inf(1)
	}
	pool.Run(s, m, searched)
}

// searched is the rows that go over all points together.
const searched = 64

// search is the task of Neighbours.
type search struct {
	p       *Points
	x       []float64
	m, ld   int
	k       int
	others  bool
	at      []int32
	far     []float64
	seekers []seeker // of each worker
}

// seeker is a worker's memory.
type seeker struct {
	rows   *Centres
	scores Scores
}

// Range finds the neighbours of some rows.
func (s *search) Range(worker, lo, hi int) {
	w := &s.seekers[worker]
	if w.rows == nil {
		w.rows = s.p.NewCentres(searched)
	}
	for i := lo; i < hi; i++ {
		w.rows.Set(i-lo, s.x[i*s.ld:i*s.ld+s.p.d])
	}
	for q := range s.p.Panels() {
		w.scores.Of(s.p, w.rows, hi-lo, q)
		for i := lo; i < hi; i++ {
			itself := -1
			if s.others {
				itself = i
			}
			w.scores.gather(i-lo, itself, s.at[i*s.k:(i+1)*s.k], s.far[i*s.k:(i+1)*s.k])
		}
	}
}

// gather takes the points of the panel that are nearer to row j than the last of far into the list, but for itself.
func (s *Scores) gather(j, itself int, at []int32, far []float64) {
	p, k, w := s.p, len(far), s.p.tile.Cols
	first, end := p.rowsOf(s.panel)
	limit := far[k-1]*p.scale*p.scale - s.c.norm[j]*s.c.norm[j] + s.slack(j)
	mask := simd.Below(p.squares[first:first+w], s.products[j*w:(j+1)*w], above(limit))
	s.candidates = s.candidates[:0]
	for mask &= 1<<(end-first) - 1; mask != 0; mask &= mask - 1 {
		if i := first + bits.TrailingZeros64(mask); i != itself {
			s.candidates = append(s.candidates, int32(i))
		}
	}
	if len(s.candidates) == 0 {
		return
	}
	row := s.c.Row(j)
	var four [4][]float64
	for n := 0; n < len(s.candidates); n += 4 {
		some := s.candidates[n:min(n+4, len(s.candidates))]
		for e := range four {
			four[e] = p.Row(int(some[min(e, len(some)-1)]))
		}
		d := squaredFour(&four, row)
		for e, i := range some {
			if d[e] < far[k-1] {
				insert(at, far, i, d[e])
			}
		}
	}
}

// slack returns by how much the squared norm of a point of the panel and its product with row j may be above what they
// stand for: the margin of two scores, and the rounding of the norm and of the sum to float32.
func (s *Scores) slack(j int) float64 {
	const u = 0x1p-24
	x, c := s.longest, s.c.norm[j]
	return s.p.bound.margin(x, c) + 4*u*x*(x+c)
}

// above returns a float32 that is not below v.
func above(v float64) float32 { return math.Nextafter32(float32(v), float32(math.Inf(1))) }

// insert puts a point behind those that are not farther; the last one leaves.
func insert(at []int32, far []float64, i int32, d float64) {
	p := len(far) - 1
	for ; p > 0 && d < far[p-1]; p-- {
		at[p], far[p] = at[p-1], far[p-1]
	}
	at[p], far[p] = i, d
}
