package sparse

import "github.com/whitebox-nn/whitebox/internal/simd"

// overRelaxation is the memory of IHT with Accelerate: the two last iterates with
// their images. The first, 0, came before there was one.
type overRelaxation struct {
	*thresholder
	last, before   []float64 // z, z⁻
	alast, abefore []float64 // Az, Az⁻
	az             []float64 // Az⁺, then Ay, then Ay′
	y              []float64
	seen           int // iterates, up to 2
}

func newOverRelaxation(w *thresholder) *overRelaxation {
	vectors := func(n int) []float64 { return make([]float64, n) }
	return &overRelaxation{
		thresholder: w, last: vectors(w.a.n), before: vectors(w.a.n), y: vectors(w.a.n),
		alast: vectors(w.a.m), abefore: vectors(w.a.m), az: vectors(w.a.m),
	}
}

// improve replaces the iterate z⁺ by H_s(y′) where that fits x better. It returns how
// far z moved.
func (o *overRelaxation) improve(z, x []float64) (moved float64) {
	o.a.Apply(o.az, z, 1)
	was := distance(x, o.az)
	aplus := append(o.ad[:0], o.az...)
	if o.seen == 2 {
		copy(o.y, z)
		o.relax(o.last, o.alast, x)
		o.relax(o.before, o.abefore, x)
		o.top.Prox(o.next, o.y, 0)
		o.a.Apply(o.r, o.next, 1)
		if distance(x, o.r) < was {
			moved = distance(z, o.next)
			copy(z, o.next)
			copy(aplus, o.r)
		}
	}
	o.before, o.last = o.last, o.before
	o.abefore, o.alast = o.alast, o.abefore
	copy(o.last, z)
	copy(o.alast, aplus)
	o.seen = min(o.seen+1, 2)
	return moved
}

// relax moves y along y − from to where ‖x − Ay‖ is least; Ay is in az.
func (o *overRelaxation) relax(from, afrom, x []float64) {
	var along, curve float64
	for i, v := range o.az {
		d := v - afrom[i]
		along += d * (x[i] - v)
		curve += d * d
	}
	if !(curve > 0) {
		return
	}
	alpha := along / curve
	simd.Combine(o.y, 1+alpha, o.y, -alpha, from, 0)
	simd.Combine(o.az, 1+alpha, o.az, -alpha, afrom, 0)
}
