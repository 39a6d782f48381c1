package subspace

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// RobustPCA splits a matrix into one of low rank and a sparse one, whose entries may be arbitrarily large:
//
//	min ‖L‖_* + λ‖S‖₁   such that L + S = X
//
// by principal component pursuit. If L is of a rank up to about n/log²n, its singular
// vectors are not spiky, and S has entries at random places, both are found exactly, with
// high probability.
//
// Method: alternating directions on the augmented Lagrangian,
//
//	L ← D_{1/μ}(X − S + Y/μ)    S ← S_{λ/μ}(X − L + Y/μ)    Y ← Y + μ(X − L − S)    μ ← ρμ
//
// where S_t shrinks entries by t, and D_t singular values.
//
// Reference: Candès, Li, Ma, Wright. Robust principal component analysis? JACM 58,
// 2011, algorithm 1, where ρ = 1 and μ = nd/(4‖X‖₁). Lin, Chen, Ma. The augmented
// Lagrange multiplier method for exact recovery of corrupted low-rank matrices.
// 2010: ρ above 1, with their μ and Y to begin with.
type RobustPCA struct {
	Lambda     float64 // λ; 0 is 1/√max(n, d)
	Rho        float64 // ρ, at least 1; 0 is 1, which converges; above, faster but not always to the optimum
	Tol        float64 // of ‖X − L − S‖_F/‖X‖_F; 0 is 1e-7
	Iterations int     // at most; 0 is 1000
	Workers    int     // goroutines; 0 is GOMAXPROCS
}

// Parts is what RobustPCA found.
type Parts struct {
	Low, Sparse *mat.Dense // L and S
	Rank        int        // of L
	Dual        *mat.Dense // Y, whose inner product with X is at most the optimum: see Gap
	Iterations  int
}

// Fit splits x, n×d, into its two parts.
//
// Cost: some tens to hundreds of iterations; in each, for k = min(n, d), n·d·k flops for a
// Gram matrix and 2k³ for the eigenvectors above the threshold, or, where the threshold is so
// small that squares lose it, a thin singular value decomposition.
// Errors: ErrInput for a matrix or settings that make no sense, or more Iterations
// needed; ctx's.
func (r RobustPCA) Fit(ctx context.Context, x *mat.Dense) (*Parts, error) {
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "robust PCA")
	}
	if ctx == nil {
		return nil, errors.Wrap(ErrInput, "robust PCA: no context")
	}
	if err := r.fill(x); err != nil {
		return nil, errors.WithMessage(err, "robust PCA")
	}
	n, d := x.Dims()
	p := &Parts{Low: mat.NewDense(n, d, nil), Sparse: mat.NewDense(n, d, nil), Dual: mat.NewDense(n, d, nil)}
	size := mat.Norm(x, 2)
	if size == 0 {
		return p, nil
	}
	mu := r.begin(x, p.Dual)
	pool := poolFor(r.Workers, x)
	defer pool.Close()
	work := &pursuit{x: x, parts: p, pool: pool, from: mat.NewDense(n, d, nil)}
	for p.Iterations = 1; p.Iterations <= r.Iterations; p.Iterations++ {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		away, err := work.iterate(mu, r.Lambda)
		if err != nil {
			return nil, errors.Wrapf(ErrInput, "robust PCA: the singular value decomposition: %v", err)
		}
		if away <= r.Tol*size {
			return p, nil
		}
		mu *= r.Rho
	}
	return nil, errors.Wrapf(ErrInput,
		"robust PCA: ‖X − L − S‖ is above %v·‖X‖ after %d iterations: allow more, or a larger Tol", r.Tol, r.Iterations)
}

// pursuit is the state of the iterations of RobustPCA.
type pursuit struct {
	x, from *mat.Dense // from: what the spectrum is shrunk of
	parts   *Parts
	pool    *par.Pool
	svd     lin.Shrinkage
}

// iterate is one iteration; it returns ‖X − L − S‖.
func (w *pursuit) iterate(mu, lambda float64) (away float64, err error) {
	n, d := w.x.Dims()
	x, low, sparse, dual := w.x, w.parts.Low, w.parts.Sparse, w.parts.Dual
	for i := range n {
		to, xs, ss, ys := w.from.RawRowView(i), x.RawRowView(i), sparse.RawRowView(i), dual.RawRowView(i)
		for j := range to {
			to[j] = ys[j]/mu + xs[j] - ss[j]
		}
	}
	from, to := w.from.RawMatrix(), low.RawMatrix()
	w.parts.Rank, err = w.svd.Solve(w.pool, n, d, 1/mu, from.Data, from.Stride, to.Data, to.Stride)
	if err != nil {
		return 0, err
	}
	for i := range n {
		xs, ls, ss, ys := x.RawRowView(i), low.RawRowView(i), sparse.RawRowView(i), dual.RawRowView(i)
		for j, v := range xs {
			s := shrink(v-ls[j]+ys[j]/mu, lambda/mu)
			gap := v - ls[j] - s
			ss[j] = s
			ys[j] += mu * gap
			away += gap * gap
		}
	}
	return math.Sqrt(away), nil
}

// fill puts in the defaults and reports settings out of range.
func (r *RobustPCA) fill(x *mat.Dense) error {
	n, d := x.Dims()
	for _, s := range []struct {
		value *float64
		def   float64
	}{{&r.Lambda, 1 / math.Sqrt(float64(max(n, d)))}, {&r.Rho, 1}, {&r.Tol, 1e-7}} {
		if *s.value == 0 {
			*s.value = s.def
		}
	}
	if r.Iterations == 0 {
		r.Iterations = 1000
	}
	if r.Workers < 0 {
		return errors.Wrapf(ErrInput, "%d workers, want at least 1, or 0 for GOMAXPROCS", r.Workers)
	}
	if !(r.Lambda > 0 && r.Rho >= 1 && r.Tol > 0) || math.IsInf(r.Lambda+r.Rho+r.Tol, 1) || r.Iterations < 0 {
		return errors.Wrapf(ErrInput, "λ %v, ρ %v, tolerance %v, %d iterations; want λ and the tolerance above 0, "+
			"ρ at least 1, iterations at least 0", r.Lambda, r.Rho, r.Tol, r.Iterations)
	}
	return nil
}

// begin returns μ to begin with, and sets the dual to one that is feasible if ρ is
// above 1: then μ grows, and a good start matters.
func (r RobustPCA) begin(x, dual *mat.Dense) (mu float64) {
	n, d := x.Dims()
	sum, most := 0.0, 0.0
	for i := range n {
		for _, v := range x.RawRowView(i) {
			sum, most = sum+math.Abs(v), max(most, math.Abs(v))
		}
	}
	if r.Rho == 1 {
		return float64(n) * float64(d) / (4 * sum)
	}
	spectral := most
	if sigma, err := singularValues(x); err == nil {
		spectral = sigma[0]
	}
	dual.Scale(1/max(spectral, most/r.Lambda), x)
	return 1.25 / spectral
}

// check reports parts that are not finite matrices of the same shape.
func (p *Parts) check(lambda float64) error {
	if p == nil {
		return errors.Wrap(ErrInput, "no parts: make them by Fit")
	}
	for _, x := range []*mat.Dense{p.Low, p.Sparse, p.Dual} {
		if err := check(x); err != nil {
			return err
		}
		n, d := p.Low.Dims()
		if m, k := x.Dims(); m != n || k != d {
			return errors.Wrapf(ErrInput, "parts of %d×%d and %d×%d, want them of one shape", n, d, m, k)
		}
	}
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return errors.Wrapf(ErrInput, "λ is %v, want it finite and at least 0", lambda)
	}
	return nil
}

// Gap returns by how much the objective of the parts of x is above a bound that no
// parts can be below, relative to the objective: 0 is optimal.
//
//	(‖L‖_* + λ‖S‖₁ − ⟨Ŷ, X⟩) / (‖L‖_* + λ‖S‖₁)
//
// where Ŷ is the dual, divided so that ‖Ŷ‖₂ ≤ 1 and |Ŷ_ij| ≤ λ; λ as given to RobustPCA.
// The parts must add up to X.
func (p *Parts) Gap(lambda float64) (float64, error) {
	if err := p.check(lambda); err != nil {
		return 0, errors.WithMessage(err, "gap of robust PCA")
	}
	n, d := p.Low.Dims()
	if lambda == 0 {
		lambda = 1 / math.Sqrt(float64(max(n, d)))
	}
	low, err := singularValues(p.Low)
	if err != nil {
		return 0, errors.WithMessage(err, "gap of robust PCA")
	}
	dual, err := singularValues(p.Dual)
	if err != nil {
		return 0, errors.WithMessage(err, "gap of robust PCA")
	}
	objective, bound, most := floats.Sum(low), 0.0, 0.0
	for i := range n {
		for j := range d {
			y := p.Dual.At(i, j)
			objective += lambda * math.Abs(p.Sparse.At(i, j))
			bound += y * (p.Low.At(i, j) + p.Sparse.At(i, j))
			most = max(most, math.Abs(y))
		}
	}
	if objective == 0 {
		return 0, nil
	}
	bound /= max(1, dual[0], most/lambda)
	return (objective - bound) / objective, nil
}

// shrink moves v towards 0 by t, and stops there.
func shrink(v, t float64) float64 {
	switch {
	case v > t:
		return v - t
	case v < -t:
		return v + t
	}
	return 0
}
