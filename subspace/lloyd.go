package subspace

import (
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// lloyd runs several restarts of k-means side by side: the samples are read once for the centres of all. It allocates
// only when it is made and in the first iteration.
type lloyd struct {
	pool        *par.Pool
	points      *distance.Points
	k, d, iters int
	least       float64 // Σ‖Δc‖² to stop at
	starts      []*start
	active      []*start
	centres     *distance.Centres // of the active ones, k each
	scores      []distance.Scores // of each worker
	means       [][]float64       // of each worker
	phase       func(worker, lo, hi int)
	phases      phases
	draw        int // of plusPlus: the centre that is drawn
}

// phases are the bodies of the loops, bound once.
type phases struct{ pack, assign, group, average, measure, inertia, approach, pick func(worker, lo, hi int) }

// A start is one restart.
type start struct {
	*lloyd
	index   int // among the active
	centres *mat.Dense
	labels  []int32
	moved   atomic.Bool
	changed atomic.Bool
	bins
	steps   []float64 // ‖Δc_j‖²
	far     []float64 // squared distances of the samples from their centres, where they are needed; of plusPlus, too
	first   int       // of plusPlus: the first sample drawn, and numbers to draw the others by
	draws   []float64
	inertia float64
	iter    int
}

func newLloyd(pool *par.Pool, points *distance.Points, c KMeans, together int) *lloyd {
	n, d := points.Len(), points.Dim()
	l := &lloyd{pool: pool, points: points, k: c.Groups, d: d, iters: c.MaxIter, least: -1,
		centres: points.NewCentres(together * c.Groups), scores: make([]distance.Scores, pool.Workers()),
		means: make([][]float64, pool.Workers())}
	for i := range l.means {
		l.means[i] = make([]float64, d)
	}
	for range together {
		l.starts = append(l.starts, &start{lloyd: l, centres: mat.NewDense(c.Groups, d, nil), labels: make([]int32, n),
			bins:  newBins(n, c.Groups),
			steps: make([]float64, c.Groups), far: make([]float64, n), draws: make([]float64, c.Groups)})
	}
	l.phases = phases{l.pack, l.assign, l.group, l.average, l.measure, l.addUp, l.approach, l.pick}
	return l
}

// Range runs some of the phase at work.
func (l *lloyd) Range(worker, lo, hi int) { l.phase(worker, lo, hi) }

// do runs a phase over n indices.
func (l *lloyd) do(phase func(worker, lo, hi int), n int) {
	l.phase = phase
	l.pool.Run(l, n, 1)
}

// begin sets the first centres.
func (s *start) begin(centres mat.Matrix) { s.centres.Copy(centres) }

// run alternates between nearest centres and means, in each start until nothing moves.
func (l *lloyd) run(starts []*start) {
	l.active = append(l.active[:0], starts...)
	for _, s := range starts {
		s.iter = 0
		for i := range s.labels {
			s.labels[i] = -1
		}
	}
	for iter := 0; iter < l.iters && len(l.active) > 0; iter++ {
		for i, s := range l.active {
			s.index, s.iter = i, iter+1
			s.moved.Store(false)
			s.changed.Store(false)
		}
		l.do(l.phases.pack, len(l.active)*l.k)
		l.do(l.phases.assign, l.points.Panels())
		l.active = slices.DeleteFunc(l.active, func(s *start) bool { return !s.moved.Load() })
		for i, s := range l.active {
			s.index = i
		}
		l.do(l.phases.group, len(l.active))
		l.do(l.phases.average, len(l.active)*l.k)
		l.active = slices.DeleteFunc(l.active, func(s *start) bool {
			return !s.changed.Load() || floats.Sum(s.steps) <= l.least
		})
	}
	l.active = append(l.active[:0], starts...)
	l.do(l.phases.measure, len(starts)*l.points.Panels())
	l.do(l.phases.inertia, len(starts))
}

// pack hands centres over to be compared.
func (l *lloyd) pack(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		l.centres.Set(i, l.active[i/l.k].centres.RawRowView(i%l.k))
	}
}

// assign gives the samples of some panels to their nearest centres.
func (l *lloyd) assign(worker, lo, hi int) {
	scores, k := &l.scores[worker], l.k
	for q := lo; q < hi; q++ {
		scores.Of(l.points, l.centres, len(l.active)*k, q)
		for a, s := range l.active {
			labels := s.labels[q*l.points.Width():]
			moved := false
			for i, g := range scores.Nearest(a*k, (a+1)*k) {
				moved = moved || labels[i] != g
				labels[i] = g
			}
			if moved && !s.moved.Load() {
				s.moved.Store(true)
			}
		}
	}
}

// group sorts the samples of some starts by their groups, after giving a sample to each empty group.
func (l *lloyd) group(_, lo, hi int) {
	for _, s := range l.active[lo:hi] {
		s.count(s.labels)
		s.fill()
		s.sort(s.labels)
	}
}

// fill gives a sample to each empty group: the one that is farthest from its centre, among those that are not alone
// in their group.
func (s *start) fill() {
	if !slices.Contains(s.counts, 0) {
		return
	}
	for i, g := range s.labels {
		s.far[i] = distance.Squared(s.points.Row(i), s.centres.RawRowView(int(g)))
	}
	for j, c := range s.counts {
		if c == 0 {
			i := s.farthest()
			s.counts[s.labels[i]]--
			s.labels[i], s.counts[j] = int32(j), 1
		}
	}
}

// farthest returns the sample that is farthest from its centre, of those that are not alone.
func (s *start) farthest() int {
	at := -1
	for i, v := range s.far {
		if s.counts[s.labels[i]] > 1 && (at < 0 || v > s.far[at]) {
			at = i
		}
	}
	return at
}

// average moves some centres to the means of their samples, which are added in their order.
func (l *lloyd) average(worker, lo, hi int) {
	mean := l.means[worker]
	for i := lo; i < hi; i++ {
		s, g := l.active[i/l.k], i%l.k
		clear(mean)
		l.points.AddRows(mean, 1/float64(s.counts[g]), s.rows(g))
		centre := s.centres.RawRowView(g)
		if !s.changed.Load() && !slices.Equal(mean, centre) {
			s.changed.Store(true)
		}
		s.steps[g] = distance.Squared(mean, centre)
		copy(centre, mean)
	}
}

// measure computes the squared distances of samples from their centres.
func (l *lloyd) measure(_, lo, hi int) {
	panels, width := l.points.Panels(), l.points.Width()
	for q := lo; q < hi; q++ {
		s, from := l.active[q/panels], q%panels*width
		for i := from; i < min(from+width, len(s.far)); i++ {
			s.far[i] = distance.Squared(l.points.Row(i), s.centres.RawRowView(int(s.labels[i])))
		}
	}
}

// addUp computes the inertia of some starts.
func (l *lloyd) addUp(_, lo, hi int) {
	for _, s := range l.active[lo:hi] {
		s.inertia = 0
		for _, v := range s.far {
			s.inertia += v
		}
	}
}

// found returns the result of a start, which may be used again.
func (s *start) found() *Centres {
	out := &Centres{Labels: make([]int, len(s.labels)), Centres: mat.DenseCopyOf(s.centres), Inertia: s.inertia,
		Iter: s.iter}
	for i, g := range s.labels {
		out.Labels[i] = int(g)
	}
	return out
}
