package sparse

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
)

// Callback is called with the iterates of a [Solver]: with the start as iteration 0 and then after each iteration k,
// with the codes of all samples, B×n. The codes are overwritten after it returns. A nil Callback is not called.
type Callback func(k int, z *mat.Dense)

// ISTA is the iterative soft-thresholding algorithm, proximal gradient descent:
//
//	z⁺ = prox_{λg/L}(z − Aᵀ(Az − x)/L)
//
// F(z) never grows, and F(zₖ) − F* ≤ L‖z₀ − z*‖²/(2k). With L0 or TopK in place of
// ‖·‖₁ it is iterative hard thresholding.
//
// Cost: 4·B·m·n flops an iteration for a Matrix; nothing is allocated after the
// first.
type ISTA struct {
	Step     Step
	Stop     Stop
	Callback Callback
	Workers  int // goroutines; 0 is GOMAXPROCS
}

// Solve implements Solver. Errors: ErrInput; ErrDiverged where F grows without
// bound, as a step that is too long makes it.
func (s ISTA) Solve(p Problem) (*Solution, error) {
	z, err := (&proximalGradient{Step: s.Step, Stop: s.Stop, Callback: s.Callback, Workers: s.Workers}).solve(p)
	return z, errors.WithMessage(err, "sparse: ISTA")
}

// FISTA is ISTA with momentum:
//
//	z⁺ = prox_{λg/L}(y − Aᵀ(Ay − x)/L)
//	t⁺ = (1 + √(1 + 4t²))/2
//	y⁺ = z⁺ + (t − 1)/t⁺ · (z⁺ − z)
//
// from y = z₀, t = 1. F(zₖ) − F* ≤ 2L‖z₀ − z*‖²/(k+1)², though F may grow on the way.
//
// Cost: as ISTA, and two passes over vectors.
//
// References: Beck, Teboulle. SIAM J. Imaging Sci. 2(1), 2009, eq. 4.1–4.3; their
// monotone form: IEEE TIP 18(11), 2009. O'Donoghue, Candès. Adaptive restart for
// accelerated gradient schemes. Found. Comput. Math. 15, 2015.
type FISTA struct {
	Step     Step
	Stop     Stop
	Monotone bool    // keep z where z⁺ has a greater F
	Restart  Restart // forget the momentum where it points uphill
	Mu       float64 // strong convexity of F: constant momentum (1−√q)/(1+√q), q = Mu/L; 0 is t above
	Callback Callback
	Workers  int // goroutines; 0 is GOMAXPROCS
}

// Restart is a scheme that sets t back to 1.
type Restart int

// The schemes of O'Donoghue and Candès.
const (
	// NoRestart never does.
	NoRestart Restart = iota
	// FunctionRestart does where F(z⁺) > F(z).
	FunctionRestart
	// GradientRestart does where ⟨y − z⁺, z⁺ − z⟩ > 0.
	GradientRestart
)

// Solve implements Solver. Errors: as ISTA.
func (s FISTA) Solve(p Problem) (*Solution, error) {
	var err error
	switch {
	case s.Restart < NoRestart || s.Restart > GradientRestart:
		err = errors.Wrapf(ErrInput, "Restart %d is no scheme", s.Restart)
	case s.Step.Backtrack == Decrease:
		err = errors.Wrap(ErrInput,
			"the rule Decrease is for ISTA: under momentum a step that lowers F may be too long; take Majorize")
	case !(s.Mu >= 0) || !matrix.Finite(s.Mu):
		err = errors.Wrapf(ErrInput, "Mu is %v, want a finite number of at least 0", s.Mu)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "sparse: FISTA")
	}
	z, err := (&proximalGradient{
		Step: s.Step, Stop: s.Stop, Callback: s.Callback, Workers: s.Workers,
		momentum: true, monotone: s.Monotone, restart: s.Restart, mu: s.Mu,
	}).solve(p)
	return z, errors.WithMessage(err, "sparse: FISTA")
}
