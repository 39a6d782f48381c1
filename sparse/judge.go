package sparse

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// diverged is how many times F may be as great as at z₀ and at 0. That of ISTA
// does not grow, that of FISTA a few times.
const diverged = 1e6

// rounding is how far apart two F may be that are equal but for rounding.
const rounding = 1e-14

// judge takes iteration k for each active sample, prepares the next one, and
// marks those that are done.
func (s *proximalGradient) judge(k int) error {
	look := k%s.Stop.Every == 0 || k == s.Stop.MaxIter
	s.last, s.z, s.v = s.z, s.v, s.last
	s.alast, s.az, s.av = s.az, s.av, s.alast
	costs := s.Stop.Cost > 0 || s.monotone || s.restart == FunctionRestart
	for i := range s.active {
		o := &s.samples[i]
		o.iterations = k
		was, kept := o.f, true
		if costs || look {
			o.f = s.objective(i, s.az, s.z)
			if !(o.f <= diverged*o.least) {
				return errors.Wrapf(ErrDiverged,
					"sample %d has F = %v after iteration %d with L = %v, and had %v; take a greater L, or "+
						"backtracking", o.index, o.f, k, o.l, was)
			}
		}
		if s.monotone && o.f > was*(1+rounding) {
			kept, o.f = false, was
			s.keep(i)
		}
		s.accelerate(o, kept, was)
		o.done = kept && s.Stop.Change > 0 && o.change <= s.Stop.Change*norm(s.last[i*s.n:(i+1)*s.n]) ||
			kept && s.Stop.Cost > 0 && math.Abs(o.f-was) <= s.Stop.Cost*math.Abs(was)
	}
	if look && s.Stop.Gap > 0 {
		s.gaps(s.p.Penalty.(Gauge))
		for i := range s.active {
			x := s.x[i*s.m : (i+1)*s.m]
			o := &s.samples[i]
			o.done = o.done || o.gap <= s.Stop.Gap*simd.Dot(x, x)/2
		}
	}
	return nil
}

// keep takes back the step of row i, so that zₖ = zₖ₋₁. The vector that the
// momentum is taken along, z − last, becomes zₖ₊₁ − z.
func (s *proximalGradient) keep(i int) {
	back(s.z[i*s.n:(i+1)*s.n], s.last[i*s.n:(i+1)*s.n])
	back(s.az[i*s.m:(i+1)*s.m], s.alast[i*s.m:(i+1)*s.m])
}

// back sets (z, last) to (last, 2 last − z).
func back(z, last []float64) {
	for j, v := range z {
		z[j], last[j] = last[j], 2*last[j]-v
	}
}

// accelerate sets the weight of the momentum in the next iteration.
func (s *proximalGradient) accelerate(o *sample, kept bool, was float64) {
	switch {
	case !s.momentum:
		return
	case s.restart == FunctionRestart && (o.f > was*(1+rounding) || !kept), s.restart == GradientRestart &&
		o.uphill > 0:
		o.t, o.beta = 1, 0
		return
	case s.mu > 0:
		q := math.Sqrt(math.Min(s.mu/o.l, 1))
		o.beta = (1 - q) / (1 + q)
		return
	}
	next := (1 + math.Sqrt(1+4*o.t*o.t)) / 2
	o.beta = (o.t - 1) / next
	if !kept {
		o.beta = o.t / next
	}
	o.t = next
}

// gaps computes the duality gaps of the active samples. Cost: a product.
func (s *proximalGradient) gaps(g Gauge) {
	for i, v := range s.az[:s.active*s.m] {
		s.r[i] = s.x[i] - v
	}
	dual := s.r
	if s.free != nil {
		dual = append([]float64(nil), s.r[:s.active*s.m]...)
		for i := range s.active {
			s.free.remove(dual[i*s.m : (i+1)*s.m])
		}
	}
	adjoint(s.pool, s.p.A, s.grad, dual, s.active)
	for i := range s.active {
		o := &s.samples[i]
		x, r, c := s.x[i*s.m:(i+1)*s.m], s.r[i*s.m:(i+1)*s.m], s.grad[i*s.n:(i+1)*s.n]
		s.free.clear(c)
		o.gap = gap(x, r, dual[i*s.m:(i+1)*s.m], o.lambda, g.Value(s.z[i*s.n:(i+1)*s.n]), g.Polar(c))
	}
}

// retire takes the codes of samples that are done, and puts the last active
// sample in the place of each.
func (s *proximalGradient) retire() {
	for i := 0; i < s.active; {
		if !s.samples[i].done {
			i++
			continue
		}
		s.show(i)
		s.active--
		j := s.active
		s.samples[i], s.samples[j] = s.samples[j], s.samples[i]
		for c := range s.m { // x is asked for again at the end
			s.x[i*s.m+c], s.x[j*s.m+c] = s.x[j*s.m+c], s.x[i*s.m+c]
		}
		for _, rows := range [...][]float64{s.az, s.alast} {
			copy(rows[i*s.m:(i+1)*s.m], rows[j*s.m:(j+1)*s.m])
		}
		for _, rows := range [...][]float64{s.z, s.last} {
			copy(rows[i*s.n:(i+1)*s.n], rows[j*s.n:(j+1)*s.n])
		}
	}
}
