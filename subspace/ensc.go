package subspace

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// EnSC writes each sample as a combination of a few of the others, for elastic-net
// subspace clustering:
//
//	min_c τ‖c‖₁ + (1−τ)/2 ‖c‖² + γ_i/2 ‖x_i − Σ_{j≠i} c_j x_j‖²
//
// of samples that are divided by their norms. If samples come from several subspaces, those with a coefficient c_j ≠
// 0 are of the same subspace as x_i, and |c| are the weights of a graph for [Spectral]. With τ < 1 that graph is
// better connected than with τ = 1, which is [SSC].
//
// where γ_i = γτ / max_{j≠i}|x_jᵀx_i|: up to γ = 1, c is 0.
//
// Reference: You, Li, Robinson, Vidal. Oracle based active set algorithm for scalable
// elastic net subspace clustering. CVPR 2016.
type EnSC struct {
	Tau   float64 // τ, in (0, 1]; 0 is 0.9
	Gamma float64 // γ, above 1; 0 is 50
	Tol   float64 // of the optimality conditions, relative to τ; 0 is 1e-6
}

// SSC writes each sample as a combination of a few of the others, for sparse subspace
// clustering: EnSC with τ = 1.
//
// Reference: Elhamifar, Vidal. Sparse subspace clustering. PAMI 35, 2013.
type SSC struct {
	Gamma float64 // γ, above 1; 0 is 50
	Tol   float64 // of the optimality conditions; 0 is 1e-6
}

// Fit is EnSC's Fit with τ = 1.
func (s SSC) Fit(ctx context.Context, x *mat.Dense) (*mat.Dense, error) {
	return EnSC{Tau: 1, Gamma: s.Gamma, Tol: s.Tol}.Fit(ctx, x)
}

// Graph is EnSC's Graph with τ = 1.
func (s SSC) Graph(ctx context.Context, x *mat.Dense) (*Graph, error) {
	return EnSC{Tau: 1, Gamma: s.Gamma, Tol: s.Tol}.Graph(ctx, x)
}

// FitGram is EnSC's FitGram with τ = 1.
func (s SSC) FitGram(ctx context.Context, products *mat.Dense) (*mat.Dense, error) {
	return EnSC{Tau: 1, Gamma: s.Gamma, Tol: s.Tol}.FitGram(ctx, products)
}

// Fit returns the coefficients C of the rows of x: sample i is about Σ_j C_ij x_j,
// after both are divided by their norms, with C_ii = 0, n×n.
//
// Method: an active set. The samples that take part, with their signs, are a linear system; where its
// solution would change a sign, that sample leaves; when none does, the sample
// that violates the optimality conditions the most joins, until none does. The
// result is exact. Cost: n²·d for the inner products, and for each sample about 2s·n for each
// of the s that take part, and s³/3, on all cores. n² numbers of memory, twice.
//
// Reference: Lee, Battle, Raina, Ng. Efficient sparse coding algorithms. NIPS 2006,
// algorithm 1, with the first sign change in place of a search.
//
// Errors: ErrInput for fewer than two samples or settings out of range; ctx's.
func (e EnSC) Fit(ctx context.Context, x *mat.Dense) (*mat.Dense, error) {
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "self-expression")
	}
	all, err := e.fit(ctx, cosines(x), false)
	if err != nil {
		return nil, err
	}
	return all.out, nil
}

// Graph returns the weights of [Affinity] for the coefficients of Fit, as a sparse graph. Neither n×n matrix is
// stored: memory is needed for the n×n inner products of the samples and for the coefficients that are not 0.
//
// Errors: those of Fit.
func (e EnSC) Graph(ctx context.Context, x *mat.Dense) (*Graph, error) {
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "self-expression")
	}
	all, err := e.fit(ctx, cosines(x), true)
	if err != nil {
		return nil, err
	}
	return &Graph{symmetrised(all.rows)}, nil
}

// cosines returns the inner products of the rows of x, divided by their norms.
func cosines(x *mat.Dense) *mat.Dense {
	unit := unitRows(x)
	n, d := x.Dims()
	pool := lin.PoolFor(0, float64(n)*float64(n)*float64(d))
	defer pool.Close()
	gram := mat.NewDense(n, n, nil)
	lin.Gram(pool, true, n, d, 1, unit.RawMatrix().Data, unit.RawMatrix().Stride, gram.RawMatrix().Data, n)
	return gram
}

// FitGram is Fit for samples of which only the inner products, n×n, are given: those of a kernel, or computed
// elsewhere. Samples are still divided by their norms.
//
// Errors: those of Fit; a matrix that is not square, or not symmetric to 1e-8, or a norm below 0.
func (e EnSC) FitGram(ctx context.Context, products *mat.Dense) (*mat.Dense, error) {
	if err := check(products); err != nil {
		return nil, errors.WithMessage(err, "self-expression")
	}
	n, cols := products.Dims()
	if n != cols {
		return nil, errors.Wrapf(ErrInput, "self-expression: inner products are %d×%d, want them square", n, cols)
	}
	norm := make([]float64, n)
	for i := range n {
		if norm[i] = math.Sqrt(products.At(i, i)); !(norm[i] >= 0) {
			return nil, errors.Wrapf(ErrInput,
				"self-expression: the inner product of sample %d with itself is %v, want it at least 0", i,
				products.At(i, i))
		}
	}
	gram := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range i + 1 {
			a, b, size := products.At(i, j), products.At(j, i), norm[i]*norm[j]
			if math.Abs(a-b) > 1e-8*size {
				return nil, errors.Wrapf(ErrInput,
					"self-expression: inner products %v and %v of samples %d and %d, want them equal", a, b, i, j)
			}
			if size > 0 {
				gram.Set(i, j, (a+b)/2/size)
				gram.Set(j, i, (a+b)/2/size)
			}
		}
	}
	all, err := e.fit(ctx, gram, false)
	if err != nil {
		return nil, err
	}
	return all.out, nil
}

// fit finds the coefficients of samples of norm 1 or 0 from their inner products: either all coefficients, or the
// magnitudes of those that are not 0, with rows divided by their norms.
func (e EnSC) fit(ctx context.Context, gram *mat.Dense, some bool) (*expressions, error) {
	if ctx == nil {
		return nil, errors.Wrap(ErrInput, "no context")
	}
	if e.Tau == 0 {
		e.Tau = 0.9
	}
	if e.Gamma == 0 {
		e.Gamma = 50
	}
	if e.Tol == 0 {
		e.Tol = 1e-6
	}
	n, _ := gram.Dims()
	if n < 2 || !(e.Tau > 0 && e.Tau <= 1) || !(e.Gamma > 1) || math.IsInf(e.Gamma, 1) || !(e.Tol > 0 && e.Tol < 1) {
		return nil, errors.Wrapf(ErrInput,
			"self-expression: %d samples, want at least 2; τ %v in (0, 1], γ %v above 1, tolerance %v in (0, 1)", n,
			e.Tau, e.Gamma, e.Tol)
	}
	pool := par.New(0)
	defer pool.Close()
	all := &expressions{EnSC: e, ctx: ctx, gram: gram, sets: make([]*activeSet, pool.Workers())}
	if some {
		all.rows, all.scratch = make([]sparseRow, n), mat.NewDense(pool.Workers(), n, nil)
	} else {
		all.out = mat.NewDense(n, n, nil)
	}
	pool.Run(all, n, 8)
	if err := ctx.Err(); err != nil {
		return nil, errors.WithStack(err)
	}
	if i := all.failed.Load(); i != 0 {
		return nil, errors.Wrapf(ErrInput,
			"self-expression: sample %d: no optimum in %d steps: make Tol larger than %v", n-int(i), 10*n, e.Tol)
	}
	return all, nil
}

// expressions is the task of all samples.
type expressions struct {
	EnSC
	ctx       context.Context
	gram, out *mat.Dense
	rows      []sparseRow  // in place of out
	scratch   *mat.Dense   // a row for each worker
	sets      []*activeSet // of each worker
	failed    atomic.Int64 // n less the first sample without an optimum; 0 is none
}

// Range expresses some samples.
func (e *expressions) Range(worker, lo, hi int) {
	if e.sets[worker] == nil {
		e.sets[worker] = newActiveSet(e.gram, e.Tau)
	}
	n, _ := e.gram.Dims()
	for i := lo; i < hi && e.ctx.Err() == nil; i++ {
		if e.put(worker, i) {
			continue
		}
		for was := e.failed.Load(); was < int64(n-i) &&
			!e.failed.CompareAndSwap(was, int64(n-i)); was = e.failed.Load() {
		}
	}
}

// put stores the coefficients of sample i, and reports whether they are optimal.
func (e *expressions) put(worker, i int) bool {
	if e.out != nil {
		return e.express(e.sets[worker], i, e.out.RawRowView(i))
	}
	row := e.scratch.Slice(worker, worker+1, 0, len(e.rows)).(*mat.Dense)
	row.Zero()
	if !e.express(e.sets[worker], i, row.RawRowView(0)) {
		return false
	}
	for j, v := range unitRows(row).RawRowView(0) {
		if v != 0 {
			e.rows[i].column = append(e.rows[i].column, int32(j))
			e.rows[i].value = append(e.rows[i].value, math.Abs(v))
		}
	}
	return true
}

// express writes the coefficients of sample i to c, which is 0, and reports whether they are optimal.
func (e *expressions) express(s *activeSet, i int, c []float64) bool {
	target := e.gram.RawRowView(i)
	most := 0.0
	for j, v := range target {
		if j != i {
			most = max(most, math.Abs(v))
		}
	}
	if most == 0 {
		return true // a sample that is 0, or orthogonal to all others
	}
	s.begin(target, e.Gamma*e.Tau/most)
	for range 10 * len(c) {
		slope := s.slopes(c)
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
			return true
		}
		s.join(j, math.Copysign(1, slope[j]))
		s.settle(c)
	}
	return false
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
