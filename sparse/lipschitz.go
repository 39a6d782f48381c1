package sparse

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

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
// from below.
func Lipschitz(a Operator) (float64, error) { return lipschitz(nil, a) }

func lipschitz(p *par.Pool, a Operator) (float64, error) {
	if m, ok := a.(*Matrix); ok && min(m.m, m.n) <= exactSide {
		return m.largestEigenvalue(p)
	}
	return PowerIteration(a, 0)
}

// largestEigenvalue returns that of the smaller of AAᵀ and AᵀA.
func (a *Matrix) largestEigenvalue(p *par.Pool) (float64, error) {
	s := min(a.m, a.n)
	gram := make([]float64, s*s)
	lin.Gram(p, a.m < a.n, a.m, a.n, 1, a.a, a.n, gram, s)
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(s, gram), false) {
		return 0, errors.Wrapf(ErrInput, "sparse: no eigenvalues of the Gram matrix of a %d×%d matrix", a.m, a.n)
	}
	return eigen.Values(nil)[s-1], nil
}

// PowerIteration returns ‖A‖₂² by power iteration on AᵀA, from a Gaussian start
// of that seed until it changes by less than 1e-7 of itself, at most 1000 times,
// times 1.001.
//
// Errors: ErrInput if A maps the start to 0 or to what is not finite. Cost: two
// products an iteration.
func PowerIteration(a Operator, seed uint64) (float64, error) {
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
			return 0, errors.Wrapf(ErrInput, "sparse: power iteration: ‖AᵀAv‖ is %v", l)
		}
		if math.Abs(l-was) <= powerTol*l {
			break
		}
	}
	return powerSafety * l, nil
}
