package sparse

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

const (
	exactSide = 256 // up to this, the shorter side of a matrix has an eigenvalue problem that is cheap

	powerTol    = 1e-7  // of the relative change of ‖A‖²
	powerIters  = 1000  // at most
	powerSafety = 1.001 // as the LISTA papers' code has it: the estimate comes from below
)

// Lipschitz returns L = ‖A‖₂², the largest eigenvalue of AᵀA and the constant of
// the gradient of ½‖Az − x‖²: exactly for a Matrix whose shorter side is at most
// 256, else by power iteration from a seeded start times 1.001, as that comes
// from below. Errors: ErrInput if ‖A‖² or its inverse is beyond float64.
func Lipschitz(a Operator) (float64, error) { return lipschitz(nil, a) }

func lipschitz(p *par.Pool, a Operator) (float64, error) {
	if given.Nil(a) {
		return 0, errors.Wrap(ErrInput, "sparse: Lipschitz constant: no operator")
	}
	if m, ok := a.(*Matrix); ok && min(m.m, m.n) >= 1 && min(m.m, m.n) <= exactSide {
		l, err := m.largestEigenvalue(p)
		if err == nil && !(l >= 0x1p-1022 && l <= math.MaxFloat64) {
			return 0, errors.Wrapf(ErrInput,
				"sparse: Lipschitz constant: ‖A‖² is %v, beyond float64: scale A, and λ with it", l)
		}
		return l, err
	}
	return PowerIteration(a, 0)
}

// largestEigenvalue returns that of the smaller of AAᵀ and AᵀA.
func (a *Matrix) largestEigenvalue(p *par.Pool) (float64, error) {
	s, e, entries := min(a.m, a.n), 0, a.a
	if most := simd.MaxAbs(entries); !(most >= 0x1p-400 && most <= 0x1p400) { // whose squares may be out of range
		_, e = math.Frexp(most)
		entries = make([]float64, len(a.a))
		for i, v := range a.a {
			entries[i] = math.Ldexp(v, -e)
		}
	}
	gram := make([]float64, s*s)
	lin.Gram(p, a.m < a.n, a.m, a.n, 1, entries, a.n, gram, s)
	values, err := lin.Eigenvalues(mat.NewSymDense(s, gram))
	if err != nil {
		return 0, errors.Wrapf(ErrInput, "sparse: the Gram matrix of a %d×%d matrix: %v", a.m, a.n, err)
	}
	return math.Ldexp(values[s-1], 2*e), nil
}

// PowerIteration returns ‖A‖₂² by power iteration on AᵀA, from a Gaussian start
// of that seed until it changes by less than 1e-7 of itself, at most 1000 times,
// times 1.001.
//
// Errors: ErrInput if A maps the start to 0 or to what is not finite. Cost: two
// products an iteration.
func PowerIteration(a Operator, seed uint64) (float64, error) {
	if given.Nil(a) {
		return 0, errors.Wrap(ErrInput, "sparse: power iteration: no operator")
	}
	m, n := a.Dims()
	if m < 1 || n < 1 {
		return 0, errors.Wrapf(ErrInput, "sparse: power iteration: the operator is %d×%d", m, n)
	}
	v := gaussian(rand.New(rand.NewPCG(seed, streamPower)), n)
	av := make([]float64, m)
	l := 0.0
	for range powerIters {
		scale := 1 / norm(v)
		simd.Affine(v, scale, v, 0)
		a.Apply(av, v, 1)
		a.Adjoint(v, av, 1)
		was := l
		l = norm(v)
		if !(l > 0) || math.IsInf(l, 1) {
			return 0, errors.Wrapf(ErrInput, "sparse: power iteration: ‖AᵀAv‖ is %v: scale A, and λ with it", l)
		}
		if math.Abs(l-was) <= powerTol*l {
			break
		}
	}
	return powerSafety * l, nil
}
