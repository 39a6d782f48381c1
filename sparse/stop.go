package sparse

import (
	"cmp"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Stop says when iterations end: for each sample, when it meets the first of these conditions. A tolerance of 0 is
// not checked.
type Stop struct {
	MaxIter int     // 0 is 1000
	Change  float64 // ‖z⁺ − z‖ ≤ Change·‖z‖
	Cost    float64 // |F(z⁺) − F(z)| ≤ Cost·|F(z)|
	Gap     float64 // duality gap ≤ Gap·½‖x‖²; costs a product for every check
	Every   int     // iterations between two checks of the gap; 0 is 10
}

func (s Stop) checked(g Penalty) (Stop, error) {
	s.MaxIter, s.Every = cmp.Or(s.MaxIter, 1000), cmp.Or(s.Every, 10)
	if s.MaxIter > sizes.Most {
		return s, errors.Wrapf(ErrInput, "MaxIter %d, want at most %d", s.MaxIter, sizes.Most)
	}
	if s.MaxIter < 0 || s.Every < 0 {
		return s, errors.Wrapf(ErrInput, "MaxIter %d, Every %d, want at least 1 each, or 0 for the default", s.MaxIter,
			s.Every)
	}
	for _, tol := range []float64{s.Change, s.Cost, s.Gap} {
		if !(tol >= 0) || !matrix.Finite(tol) {
			return s, errors.Wrapf(ErrInput, "a tolerance of %v, want a finite number of at least 0", tol)
		}
	}
	if _, ok := g.(Gauge); s.Gap > 0 && !ok {
		return s, errors.Wrapf(ErrInput, "the duality gap of %T is not known", g)
	}
	return s, nil
}

// A Backtrack is a rule that finds the step.
type Backtrack int

// The rules.
const (
	// NoBacktrack keeps the step 1/L.
	NoBacktrack Backtrack = iota
	// Majorize doubles L until ½‖Ap − x‖² lies below its quadratic model about y,
	// as Beck and Teboulle have it: ‖A(p − y)‖² ≤ L‖p − y‖².
	Majorize
	// Decrease multiplies the step τ by 0.9 until F(z) − F(p) ≥ (0.1/τ)‖p − z‖²; for
	// ISTA only.
	Decrease
)

// Step is the step of the gradient, 1/L.
type Step struct {
	L         float64   // at first; 0 is Lipschitz(A), or 1 with a rule
	Backtrack Backtrack // how L is found; per sample, it never falls
}

func (s Step) checked() error {
	if !(s.L >= 0) || !matrix.Finite(s.L) {
		return errors.Wrapf(ErrInput, "L is %v, want a finite number above 0, or 0 for ‖A‖²", s.L)
	}
	if s.Backtrack < NoBacktrack || s.Backtrack > Decrease {
		return errors.Wrapf(ErrInput, "Backtrack %d is no rule", s.Backtrack)
	}
	return nil
}
