package sparse

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// groupRows is the samples whose iteration is done at a time: their codes stay in the
// second-level cache from the first product to the second.
const groupRows = 64

// packed is a Matrix as its two products read it, with each group of samples anew.
type packed struct{ adjoint, apply *lin.Packed[float64] }

// pack packs A, where that is a Matrix and there are samples enough.
func (s *proximalGradient) pack() *packed {
	a, ok := s.p.A.(*Matrix)
	if !ok || s.active < groupRows/4 {
		return nil
	}
	return &packed{lin.Pack(s.pool, false, a.m, a.n, a.a, a.n), lin.Pack(s.pool, true, a.n, a.m, a.a, a.n)}
}

// iterateGroups is iterate with a packed matrix. Which of its two ways it takes makes no
// difference to the bits.
func (s *proximalGradient) iterateGroups() {
	if s.active >= 2*groupRows*s.pool.Workers() || s.pool.Workers() == 1 {
		s.pool.Run((*groups)(s), s.active, groupRows)
		return
	}
	grad := s.gradient()
	s.pool.Run((*residuals)(s), s.active, grain(s.m))
	s.packed.adjoint.Gemm(s.pool, false, s.active, 1, s.r, s.m, 0, grad, s.n)
	s.pool.Run((*steps)(s), s.active, grain(s.n))
	s.packed.apply.Gemm(s.pool, false, s.active, 1, s.v, s.n, 0, s.av, s.m)
}

// gradient returns where a step looks for the gradient: in v itself, if nobody will ask
// for another step.
func (s *proximalGradient) gradient() []float64 {
	if s.plain && s.Step.Backtrack == NoBacktrack {
		return s.v
	}
	return s.grad
}

// groups is the loop over groups of samples.
type groups proximalGradient

func (s *groups) Range(worker, lo, hi int) {
	g := (*proximalGradient)(s)
	grad := g.gradient()
	(*residuals)(s).Range(worker, lo, hi)
	s.packed.adjoint.Gemm(nil, false, hi-lo, 1, s.r[lo*s.m:], s.m, 0, grad[lo*s.n:], s.n)
	(*steps)(s).Range(worker, lo, hi)
	s.packed.apply.Gemm(nil, false, hi-lo, 1, s.v[lo*s.n:], s.n, 0, s.av[lo*s.m:], s.m)
}

// soften computes v = S_{λ/L}(y − grad/L) of row i.
func (s *proximalGradient) soften(i int) {
	o, at, end := &s.samples[i], i*s.n, (i+1)*s.n
	v, grad, last := s.v[at:end], s.gradient()[at:end], s.last
	if &v[0] != &grad[0] {
		copy(v, grad)
	}
	if o.beta == 0 { // what is not looked at need not be read
		last = s.z
	}
	simd.ProximalStep(v, s.z[at:end], last[at:end], 1+o.beta, -1/o.l, -o.beta, o.lambda/o.l)
}
