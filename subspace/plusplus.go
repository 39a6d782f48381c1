package subspace

import (
	"math"
	"math/rand/v2"
)

// plusPlus draws the centres of the starts among the samples, each with a probability in proportion to the squared
// distance to the nearest of those before. Random numbers are drawn for one start after the other; then the starts go
// side by side.
func (l *lloyd) plusPlus(rng *rand.Rand, starts []*start) {
	n := l.points.Len()
	for _, s := range starts {
		s.first = rng.IntN(n)
		for j := 1; j < l.k; j++ {
			s.draws[j] = rng.Float64()
		}
		s.centres.SetRow(0, l.points.Row(s.first))
		for i := range s.far {
			s.far[i] = math.Inf(1)
		}
	}
	l.active = append(l.active[:0], starts...)
	for l.draw = 1; l.draw < l.k; l.draw++ {
		for i, s := range starts {
			l.centres.Set(i, s.centres.RawRowView(l.draw-1))
		}
		l.do(l.phases.approach, l.points.Panels())
		l.do(l.phases.pick, len(starts))
	}
}

// approach compares the samples of some panels with the latest centres.
func (l *lloyd) approach(worker, lo, hi int) {
	scores := &l.scores[worker]
	for q := lo; q < hi; q++ {
		scores.Of(l.points, l.centres, len(l.active), q)
		for i, s := range l.active {
			scores.Approach(i, s.far)
		}
	}
}

// pick draws the next centre of some starts.
func (l *lloyd) pick(_, lo, hi int) {
	for _, s := range l.active[lo:hi] {
		total := 0.0
		for _, v := range s.far {
			total += v
		}
		at, left := len(s.far)-1, total*s.draws[l.draw]
		for i, v := range s.far {
			if left -= v; left < 0 {
				at = i
				break
			}
		}
		s.centres.SetRow(l.draw, l.points.Row(at))
	}
}
