package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/elementary"
	"github.com/whitebox-nn/whitebox/internal/op/piecewise"
	"github.com/whitebox-nn/whitebox/op"
)

// Exp returns eˣ. Shapes: x of any rank. Differentiable.
func Exp(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(elementary.Exp{}, x) }

// Log returns the natural logarithm of x: −∞ at 0, NaN below. Shapes: x of any rank.
// Differentiable; the slope 1/x is infinite at 0.
func Log(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(elementary.Log{}, x) }

// Sqrt returns √x, NaN below 0. Shapes: x of any rank. Differentiable; the slope is infinite
// at 0.
func Sqrt(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(elementary.Sqrt{}, x) }

// Abs returns |x|. Shapes: x of any rank. Differentiable; 0 at the kink.
func Abs(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(elementary.Abs{}, x) }

// Pow returns xᵉ for a constant e: NaN where x is below 0 and e not an integer. Shapes: x of
// any rank. Differentiable; the slope e·xᵉ⁻¹ is infinite at 0 if e is below 1 and not 0.
// Errors: an exponent that is not finite (ErrInput).
func Pow(x *gorgonia.Node, exponent float64) (*gorgonia.Node, error) {
	return op.Apply(elementary.Pow{Exponent: exponent}, x)
}

// Clamp returns min(max(x, lo), hi); either bound may be infinite. Shapes: x of any rank.
// Differentiable: 1 from lo to hi, these included, and 0 elsewhere. Errors: lo above hi
// (ErrInput).
func Clamp(x *gorgonia.Node, lo, hi float64) (*gorgonia.Node, error) {
	return op.Apply(elementary.Clamp{Lo: lo, Hi: hi}, x)
}

// Maximum returns max(x, y). Shapes: x of any rank, y as x, or as long as its last axis, or
// 1; out as x. Differentiable in both; a half each where they are equal.
func Maximum(x, y *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(piecewise.Maximum{}, x, y)
}

// Minimum returns min(x, y), as Maximum.
func Minimum(x, y *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(piecewise.Minimum{}, x, y)
}

// Where returns x where cond is not 0, and y elsewhere. Shapes: cond of any rank, x and y as
// cond, or as long as its last axis, or 1; out as cond. Differentiable in x and y.
func Where(cond, x, y *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(piecewise.Where{}, cond, x, y)
}
