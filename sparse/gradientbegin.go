package sparse

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// begin checks everything and takes memory.
func (s *proximalGradient) begin(p Problem) (err error) {
	if s.p, err = p.checked(); err != nil {
		return err
	}
	if s.Stop, err = s.Stop.checked(s.p.Penalty); err != nil {
		return err
	}
	if err = s.Step.checked(); err != nil {
		return err
	}
	if s.Workers < 0 {
		return errors.Wrapf(ErrInput, "%d workers", s.Workers)
	}
	s.m, s.n = s.p.A.Dims()
	s.active, _ = s.p.X.Dims()
	s.pool = par.New(s.Workers)
	l, err := s.inverseStep()
	if err != nil {
		s.pool.Close()
		return err
	}
	s.free = unpenalisedOf(s.p.A, s.p.Penalty)
	lambdas, err := s.p.lambdas(s.pool, s.free)
	if err != nil {
		s.pool.Close()
		return err
	}
	s.allocate()
	s.start(l, lambdas)
	return nil
}

// inverseStep returns the L of every sample at first.
func (s *proximalGradient) inverseStep() (float64, error) {
	switch {
	case s.Step.L != 0:
		return s.Step.L, nil
	case s.Step.Backtrack != NoBacktrack:
		return 1, nil
	}
	return lipschitz(s.pool, s.p.A)
}

// start sets the first iterate of every sample.
func (s *proximalGradient) start(l float64, lambdas []float64) {
	for i, lambda := range lambdas {
		s.samples[i] = sample{index: i, lambda: lambda, l: l, t: 1}
	}
	if s.p.Start != nil {
		copy(s.z, flat(s.p.Start))
		copy(s.last, s.z)
		apply(s.pool, s.p.A, s.az, s.z, s.active)
		copy(s.alast, s.az)
	}
	for i := range s.samples {
		o := &s.samples[i]
		o.f = s.objective(i, s.az, s.z)
		x := s.x[i*s.m : (i+1)*s.m]
		o.least = max(o.f, simd.Dot(x, x)/2) + math.SmallestNonzeroFloat64
	}
}

func (s *proximalGradient) allocate() {
	b := s.active
	s.x, s.samples = flat(s.p.X), make([]sample, b)
	for _, rows := range []*[]float64{&s.z, &s.last, &s.v, &s.grad} {
		*rows = make([]float64, b*s.n)
	}
	for _, rows := range []*[]float64{&s.az, &s.alast, &s.av, &s.r} {
		*rows = make([]float64, b*s.m)
	}
	l1, ok := s.p.Penalty.(L1)
	s.plain = ok && l1.Weights == nil
	s.packed = s.pack()
	s.out = mat.NewDense(b, s.n, nil)
}
