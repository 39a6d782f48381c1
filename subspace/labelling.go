package subspace

import (
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// bins sort samples by their groups.
type bins struct {
	counts []int   // of the samples of each group
	order  []int32 // samples by group, each group in their order
	ends   []int   // of the groups, in order
}

func newBins(n, k int) bins {
	return bins{counts: make([]int, k), order: make([]int32, n), ends: make([]int, k)}
}

func (b *bins) count(labels []int32) {
	clear(b.counts)
	for _, g := range labels {
		b.counts[g]++
	}
}

// sort fills in the order, after count.
func (b *bins) sort(labels []int32) {
	end := 0
	for g, c := range b.counts {
		b.ends[g] = end
		end += c
	}
	for i, g := range labels {
		b.order[b.ends[g]] = int32(i)
		b.ends[g]++
	}
}

// rows returns the samples of group g.
func (b *bins) rows(g int) []int32 { return b.order[b.ends[g]-b.counts[g] : b.ends[g]] }

// labelling finds the nearest centre of each point, and the squared distance to it.
type labelling struct {
	pool    *par.Pool
	points  *distance.Points
	centres *distance.Centres
	k       int
	scores  []distance.Scores // of each worker
	labels  []int32
	far     []float64
	bins
}

// newLabelling returns one for as many points as there are, or fewer.
func newLabelling(pool *par.Pool, points *distance.Points, k int) *labelling {
	n := points.Len()
	return &labelling{pool: pool, points: points, centres: points.NewCentres(k), k: k,
		scores: make([]distance.Scores, pool.Workers()), labels: make([]int32, n), far: make([]float64, n),
		bins: newBins(n, k)}
}

// run labels the points by the rows of centres and sorts them by label.
func (l *labelling) run(centres *mat.Dense) {
	for g := range l.k {
		l.centres.Set(g, centres.RawRowView(g))
	}
	n := l.points.Len()
	l.labels, l.far = l.labels[:n], l.far[:n]
	l.pool.Run(l, l.points.Panels(), 1)
	l.count(l.labels)
	l.sort(l.labels)
}

// Range labels some panels.
func (l *labelling) Range(worker, lo, hi int) {
	scores, width := &l.scores[worker], l.points.Width()
	for q := lo; q < hi; q++ {
		scores.Of(l.points, l.centres, l.k, q)
		for i, g := range scores.Nearest(0, l.k) {
			i += q * width
			l.labels[i] = g
			l.far[i] = simd.DistanceWide(l.points.Row(i), l.centres.Row(int(g)))
		}
	}
}

// nearestCentres returns the nearest row of centres for each row of x, and the squared distances. It takes the rows
// in blocks.
func nearestCentres(pool *par.Pool, x, centres *mat.Dense) (labels []int, far []float64) {
	const block = 4096
	n, d := x.Dims()
	k, _ := centres.Dims()
	raw := x.RawMatrix()
	points := distance.NewPoints(pool, raw.Data, min(block, n), d, raw.Stride)
	l := newLabelling(pool, points, k)
	for lo := 0; lo < n; lo += block {
		if lo > 0 {
			points.Fill(pool, raw.Data[lo*raw.Stride:], min(block, n-lo), raw.Stride)
		}
		l.run(centres)
		for i, g := range l.labels {
			labels, far = append(labels, int(g)), append(far, l.far[i])
		}
	}
	return labels, far
}
