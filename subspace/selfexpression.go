package subspace

import (
	"context"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SelfExpression writes each sample as a combination of a few of the others: the
// elastic net
//
//	min_c τ‖c‖₁ + (1−τ)/2 ‖c‖² + γ_i/2 ‖x_i − Σ_{j≠i} c_j x_j‖²
//
// of samples that are divided by their norms. If samples are of several subspaces, those
// that take part are of the same one, and |c| are weights of a graph for Spectral. With τ = 1 it is
// sparse subspace clustering (SSC), below 1 elastic-net subspace clustering (EnSC),
// whose graph is better connected.
//
// γ_i = γτ / max_{j≠i}|x_jᵀx_i|: at γ = 1, c is just 0.
//
// Reference: Elhamifar, Vidal. Sparse subspace clustering. PAMI 35, 2013. You, Li,
// Robinson, Vidal. Oracle based active set algorithm for scalable elastic net
// subspace clustering. CVPR 2016.
type SelfExpression struct {
	Tau   float64 // τ, in (0, 1]; 0 is 0.9
	Gamma float64 // γ, above 1; 0 is 50
	Tol   float64 // of the optimality conditions, relative to τ; 0 is 1e-6
}

// Fit returns the coefficients C of the rows of x: sample i is about Σ_j C_ij x_j,
// after both are divided by their norms, with C_ii = 0, n×n.
//
// Method: an active set. The samples that take part, with their signs, are a linear system; where its
// solution would change a sign, that sample leaves; when none does, the sample
// that violates the optimality conditions the most joins, until none does. The
// result is exact. Cost: n²·d for the inner products, and for each sample about 2s²·n for the
// s that take part. n² numbers of memory, twice.
//
// Reference: Lee, Battle, Raina, Ng. Efficient sparse coding algorithms. NIPS 2006,
// algorithm 1, with the first sign change in place of a search.
//
// Errors: ErrInput for fewer than two samples or settings out of range; ctx's.
func (e SelfExpression) Fit(ctx context.Context, x *mat.Dense) (*mat.Dense, error) {
	if e.Tau == 0 {
		e.Tau = 0.9
	}
	if e.Gamma == 0 {
		e.Gamma = 50
	}
	if e.Tol == 0 {
		e.Tol = 1e-6
	}
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "self-expression")
	}
	n, _ := x.Dims()
	if n < 2 || !(e.Tau > 0 && e.Tau <= 1) || !(e.Gamma > 1) || math.IsInf(e.Gamma, 1) || !(e.Tol > 0 && e.Tol < 1) {
		return nil, errors.Wrapf(ErrInput, "self-expression: %d samples, τ %v, γ %v, tolerance %v", n, e.Tau, e.Gamma, e.Tol)
	}
	unit := unitRows(x)
	var gram mat.Dense
	gram.Mul(unit, unit.T())
	out := mat.NewDense(n, n, nil)
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		if err := e.express(&gram, i, out.RawRowView(i)); err != nil {
			return nil, errors.WithMessagef(err, "self-expression: sample %d", i)
		}
	}
	return out, nil
}

// express writes the coefficients of sample i to c, which is 0.
func (e SelfExpression) express(gram *mat.Dense, i int, c []float64) error {
	target := gram.RawRowView(i)
	most := 0.0
	for j, v := range target {
		if j != i {
			most = max(most, math.Abs(v))
		}
	}
	if most == 0 {
		return nil // a sample that is 0, or orthogonal to all others
	}
	s := activeSet{gram: gram, target: target, gamma: e.Gamma * e.Tau / most, tau: e.Tau}
	slope := make([]float64, len(c))
	for range 10 * len(c) {
		s.slopes(slope, c)
		slope[i] = 0
		for _, j := range s.active {
			slope[j] = 0
		}
		j, worst := 0, 0.0
		for k, v := range slope {
			if math.Abs(v) > worst {
				j, worst = k, math.Abs(v)
			}
		}
		if worst <= e.Tau*(1+e.Tol) {
			return nil
		}
		s.active, s.sign = append(s.active, j), append(s.sign, math.Copysign(1, slope[j]))
		if err := s.settle(c); err != nil {
			return err
		}
	}
	return errors.Wrapf(ErrInput, "no optimum in %d steps: make Tol larger than %v", 10*len(c), e.Tol)
}

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

// Affinity returns the weights of a graph from coefficients C, n×n:
//
//	W = ½(|Ĉ| + |Ĉ|ᵀ)
//
// where the rows of Ĉ are those of C, divided by their norms.
func Affinity(c *mat.Dense) (*mat.SymDense, error) {
	if err := check(c); err != nil {
		return nil, errors.WithMessage(err, "affinity")
	}
	n, cols := c.Dims()
	if n != cols {
		return nil, errors.Wrapf(ErrInput, "affinity: coefficients are %d×%d, want them square", n, cols)
	}
	unit := unitRows(c)
	w := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			w.SetSym(i, j, (math.Abs(unit.At(i, j))+math.Abs(unit.At(j, i)))/2)
		}
	}
	return w, nil
}
