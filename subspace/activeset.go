package subspace

import (
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// An activeSet is the samples that take part in one, and their signs.
type activeSet struct {
	gram       *mat.Dense // of all samples
	target     []float64  // products of the sample with all
	gamma, tau float64
	active     []int
	sign       []float64
}

// slopes writes γx_jᵀ(x − Σcx) − (1−τ)c_j, by which the smooth part falls, for all j.
func (s *activeSet) slopes(dst, c []float64) {
	copy(dst, s.target)
	for _, k := range s.active {
		floats.AddScaled(dst, -c[k], s.gram.RawRowView(k))
	}
	for j := range dst {
		dst[j] = s.gamma*dst[j] - (1-s.tau)*c[j]
	}
}

// settle minimises over the active coefficients: it goes to the minimum for their
// signs, or as far as the first sign changes, when that one leaves, and again.
func (s *activeSet) settle(c []float64) error {
	for len(s.active) > 0 {
		want, err := s.minimum()
		if err != nil {
			return err
		}
		step, leaves := 1.0, -1
		for a, j := range s.active {
			if want[a]*s.sign[a] <= 0 {
				if t := c[j] / (c[j] - want[a]); t < step {
					step, leaves = t, a
				}
			}
		}
		for a, j := range s.active {
			c[j] += step * (want[a] - c[j])
		}
		if leaves < 0 {
			return nil
		}
		c[s.active[leaves]] = 0
		s.active = slices.Delete(s.active, leaves, leaves+1)
		s.sign = slices.Delete(s.sign, leaves, leaves+1)
	}
	return nil
}

// minimum returns the solution of (γG + (1−τ)I) c = γg − τs of the active samples.
// If they depend on each other, a little is added to the diagonal.
func (s *activeSet) minimum() ([]float64, error) {
	m := len(s.active)
	h, b := mat.NewSymDense(m, nil), mat.NewVecDense(m, nil)
	for a, j := range s.active {
		b.SetVec(a, s.gamma*s.target[j]-s.tau*s.sign[a])
		for k, l := range s.active[:a+1] {
			h.SetSym(a, k, s.gamma*s.gram.At(j, l))
		}
		h.SetSym(a, a, h.At(a, a)+1-s.tau)
	}
	var chol mat.Cholesky
	for ridge := 0.0; ; ridge = max(1e-11*s.gamma, 10*ridge) {
		for a := range m {
			h.SetSym(a, a, h.At(a, a)+ridge)
		}
		if chol.Factorize(h) && chol.Cond() < 1e13 {
			break
		}
		if ridge > s.gamma {
			return nil, errors.Wrap(ErrInput, "the samples' inner products are not positive definite")
		}
	}
	var c mat.VecDense
	if err := chol.SolveVecTo(&c, b); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	return c.RawVector().Data, nil
}
