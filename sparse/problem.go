package sparse

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// A Problem asks for the sparse codes of samples,
//
//	min_z F(z) = ½‖Az − x‖² + λ g(z)   for each row x of X.
type Problem struct {
	A        Operator   // m×n
	X        *mat.Dense // samples, B×m
	Lambda   float64    // λ ≥ 0
	Relative bool       // Lambda is a share of each sample's λ_max, beyond which z = 0
	Penalty  Penalty    // g; nil is L1{}
	Start    *mat.Dense // z₀, B×n; nil is 0
}

// A Solver solves Problems.
type Solver interface {
	Solve(p Problem) (*Solution, error)
}

// A Solution is what a Solver found, an element or a row for each sample.
type Solution struct {
	Z          *mat.Dense // codes, B×n
	Lambda     []float64  // λ, absolute
	Objective  []float64  // F(z)
	Gap        []float64  // an upper bound of F(z) − F(z*); nil if g is not a [Gauge]
	Iterations []int      // that were done
	Converged  []bool     // a tolerance was met
}

// checked checks p and returns it with its defaults filled in.
func (p Problem) checked() (Problem, error) {
	if given.Nil(p.A) {
		return p, errors.Wrap(ErrInput, "A is nil")
	}
	m, n := p.A.Dims()
	if m < 1 || n < 1 {
		return p, errors.Wrapf(ErrInput, "A is %d×%d", m, n)
	}
	if err := checkRows("X", p.X, m); err != nil {
		return p, err
	}
	rows, _ := p.X.Dims()
	if err := sizes.Check("codes", rows, n); err != nil {
		return p, errors.Wrap(ErrInput, err.Error())
	}
	if err := checkSquares(p.X); err != nil {
		return p, err
	}
	if !(p.Lambda >= 0) || !matrix.Finite(p.Lambda) {
		return p, errors.Wrapf(ErrInput, "λ is %v, want a finite number of at least 0", p.Lambda)
	}
	if given.Nil(p.Penalty) {
		p.Penalty = L1{}
	}
	if err := p.Penalty.Check(n); err != nil {
		return p, errors.WithMessagef(err, "penalty %T", p.Penalty)
	}
	if _, ok := p.Penalty.(Gauge); p.Relative && !ok {
		return p, errors.Wrapf(ErrInput, "λ is relative, but %T has no λ_max", p.Penalty)
	}
	if p.Start == nil {
		return p, nil
	}
	if err := checkRows("Start", p.Start, n); err != nil {
		return p, err
	}
	if start, _ := p.Start.Dims(); start != rows {
		return p, errors.Wrapf(ErrInput, "Start has %d rows for %d samples", start, rows)
	}
	return p, nil
}

// checkSquares reports a sample whose square, which F is made of, float64 does not hold.
func checkSquares(x *mat.Dense) error {
	rows, _ := x.Dims()
	for i := range rows {
		if size := norm(x.RawRowView(i)); size > 0x1p500 || size > 0 && size < 0x1p-450 {
			return errors.Wrapf(ErrInput, "sample %d has the norm %.3g, and float64 does not hold its square, of "+
				"which F is made: scale the samples, and λ with them", i, size)
		}
	}
	return nil
}

// LambdaMax returns, for each sample, the least λ for which z = 0 solves its problem: ‖Aᵀx‖_∞ for ‖·‖₁, and g°(Aᵀx)
// for another Gauge. Lambda itself is ignored.
//
// Coefficients of weight 0 are not penalised, and no λ makes them 0. If there are any, λ_max is the least λ for which
// all others are 0: the λ_max of the residual of x after a least-squares fit by their columns. If all weights are 0,
// it is 0.
//
// Errors: ErrInput for a penalty that is no Gauge, or a λ_max beyond float64.
func (p Problem) LambdaMax() ([]float64, error) {
	p.Lambda = 0
	p, err := p.checked()
	if err != nil {
		return nil, errors.WithMessage(err, "sparse: λ_max")
	}
	g, ok := p.Penalty.(Gauge)
	if !ok {
		return nil, errors.Wrapf(ErrInput, "sparse: λ_max: %T has none", p.Penalty)
	}
	most, err := lambdaMax(nil, p, g, unpenalisedOf(p.A, g))
	return most, errors.WithMessage(err, "sparse: λ_max")
}

func lambdaMax(pool *par.Pool, p Problem, g Gauge, u *unpenalised) ([]float64, error) {
	rows, m := p.X.Dims()
	_, n := p.A.Dims()
	x := flat(p.X)
	if u != nil {
		x = append([]float64(nil), x...)
		for i := range rows {
			u.remove(x[i*m : (i+1)*m])
		}
	}
	c := make([]float64, rows*n)
	adjoint(pool, p.A, c, x, rows)
	most := make([]float64, rows)
	for i := range most {
		u.clear(c[i*n : (i+1)*n])
		if most[i] = g.Polar(c[i*n : (i+1)*n]); !matrix.Finite(most[i]) {
			return nil, errors.Wrapf(ErrInput, "that of sample %d is %v: scale the samples, A, or the weights of %T", i,
				most[i], g)
		}
	}
	return most, nil
}

// lambdas returns the λ of each sample.
func (p Problem) lambdas(pool *par.Pool, u *unpenalised) (lambda []float64, err error) {
	rows, _ := p.X.Dims()
	lambda = make([]float64, rows)
	if p.Relative {
		if lambda, err = lambdaMax(pool, p, p.Penalty.(Gauge), u); err != nil {
			return nil, errors.WithMessage(err, "λ_max")
		}
	}
	for i := range lambda {
		if p.Relative {
			lambda[i] *= p.Lambda
		} else {
			lambda[i] = p.Lambda
		}
	}
	return lambda, nil
}

// gap returns the duality gap at a code with that value of g, where r = x − Az, d is r, or
// what is left of it outside of the columns that are not penalised, and polar = g°(Aᵀd):
//
//	F(z) − D(u),  D(u) = ½‖x‖² − ½‖x − u‖²,  u = s d,  s = min(1, λ/polar).
//
// It is never negative but for rounding, and 0 at the solution.
func gap(x, r, d []float64, lambda, value, polar float64) float64 {
	s := 1.0
	if polar > lambda {
		s = lambda / polar
	}
	// ½‖r‖² − ½‖x‖² + ½‖x − s d‖²; the squares of x cancel.
	rr, xd := simd.Dot(r, r), simd.Dot(x, d)
	if &d[0] == &r[0] {
		return lambda*value + 0.5*(1+s*s)*rr - s*xd
	}
	return lambda*value + 0.5*rr + 0.5*s*s*simd.Dot(d, d) - s*xd
}
