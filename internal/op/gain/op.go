// Package gain is multiplication by learned numbers, and the gates of gated LISTA.
//
//	Times      α·x                                 α one number
//	Gate       x ⊙ (1 + μ·exp(−κ|x|))              μ, κ one number each
//	Overshoot  y + a·(y − x) / (|y − x| + ε)       a one number
//
// Gate is the gain gate of GLISTA in its exponential form: soft thresholding makes
// codes too small by about θ, and a gain above 1, the larger the smaller the code,
// undoes it. Overshoot moves on from x to y by a more, in each element.
//
// # Gradient
//
// With e = exp(−κ|x|), r = y − x and D = ∂L/∂out,
//
//	Times      ∂x = α D                        ∂α = Σ D x
//	Gate       ∂x = D (1 + μ e (1 − κ|x|))     ∂μ = Σ D x e      ∂κ = −μ Σ D x |x| e
//	Overshoot  ∂r = a ε D / (|r| + ε)²         ∂a = Σ D r / (|r| + ε)
//	           ∂y = D + ∂r                     ∂x = −∂r
//
// # Numerics
//
// Exponentials and sums run in float64.
//
// # References
//
// Wu, Guo, Li, Zhang. Sparse coding with gated learned ISTA. ICLR 2020, sec. 3.
package gain

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Times is the kernel of α·x: inputs x of any rank and α (1).
type Times struct{ Rank int }

// Gate is the kernel of x ⊙ (1 + μ·exp(−κ|x|)): inputs x (n×d), μ (1) and κ (1).
type Gate struct{}

// Overshoot is the kernel of y + a·(y − x)/(|y − x| + ε): inputs y and x (n×d) and
// a (1).
type Overshoot struct {
	Eps float64 // ε, above 0
}

var (
	_ opkit.Differentiable = Times{}
	_ opkit.Differentiable = Gate{}
	_ opkit.Differentiable = Overshoot{}
)

func (k Times) Ranks() (in []int, out int)   { return []int{k.Rank, 1}, k.Rank }
func (Gate) Ranks() (in []int, out int)      { return []int{2, 1, 1}, 2 }
func (Overshoot) Ranks() (in []int, out int) { return []int{2, 2, 1}, 2 }

func (Times) Wrt() []bool     { return []bool{true, true} }
func (Gate) Wrt() []bool      { return []bool{true, true, true} }
func (Overshoot) Wrt() []bool { return []bool{true, true, true} }

func (Times) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), one(in[1:]...) }
func (Gate) Shape(in []tensor.Shape) (tensor.Shape, error)  { return in[0].Clone(), one(in[1:]...) }

func (k Overshoot) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) || !(k.Eps > 0) {
		return nil, errors.Wrapf(opkit.ErrInput, "gain: overshoot from %v to %v, ε %v, want one shape and ε above 0", in[1], in[0], k.Eps)
	}
	return in[0].Clone(), one(in[2])
}

// one reports an operand that is not one number.
func one(shapes ...tensor.Shape) error {
	for _, s := range shapes {
		if s[0] != 1 {
			return errors.Wrapf(opkit.ErrInput, "gain: a factor of length %d, want 1", s[0])
		}
	}
	return nil
}

func (Times) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindTimes(a) }
func (Times) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindTimes(a) }
func (Gate) Bind32(a *opkit.Args[float32]) opkit.Run        { return bindGate(a) }
func (Gate) Bind64(a *opkit.Args[float64]) opkit.Run        { return bindGate(a) }
func (k Overshoot) Bind32(a *opkit.Args[float32]) opkit.Run { return bindOvershoot(k, a) }
func (k Overshoot) Bind64(a *opkit.Args[float64]) opkit.Run { return bindOvershoot(k, a) }

func (k Times) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(k, dout, in[1])
	if err != nil {
		return nil, err
	}
	dalpha, err := opkit.Apply(inner(k), dout, in[0])
	return gorgonia.Nodes{dx, dalpha}, err
}

func (k Gate) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(gateGrad{}, dout, in[0], in[1], in[2])
	if err != nil {
		return nil, err
	}
	grads := gorgonia.Nodes{dx}
	for _, of := range []string{"mu", "kappa"} {
		d, err := opkit.Apply(gateFactorGrad{Of: of}, dout, in[0], in[1], in[2])
		if err != nil {
			return nil, err
		}
		grads = append(grads, d)
	}
	return grads, nil
}

func (k Overshoot) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dy, err := opkit.Apply(overshootGrad{Of: k, Y: true}, dout, in[0], in[1], in[2])
	if err != nil {
		return nil, err
	}
	dx, err := opkit.Apply(overshootGrad{Of: k}, dout, in[0], in[1], in[2])
	if err != nil {
		return nil, err
	}
	da, err := opkit.Apply(overshootFactorGrad{k}, dout, in[0], in[1])
	return gorgonia.Nodes{dy, dx, da}, err
}

// inner is the kernel of Σ x y: inputs of one shape, output a vector of length 1.
type inner struct{ Rank int }

func (k inner) Ranks() (in []int, out int)               { return []int{k.Rank, k.Rank}, 1 }
func (inner) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil }
func (inner) Workspace(in []tensor.Shape) int            { return chunks(in[0].TotalSize()) }
func (k inner) Bind32(a *opkit.Args[float32]) opkit.Run  { return bindInner(a) }
func (k inner) Bind64(a *opkit.Args[float64]) opkit.Run  { return bindInner(a) }

// gateGrad is the kernel of ∂x of a Gate: inputs D, x, μ and κ.
type gateGrad struct{}

func (gateGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 1, 1}, 2 }
func (gateGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (gateGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindGateGrad(a) }
func (gateGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindGateGrad(a) }

// gateFactorGrad is the kernel of ∂μ or ∂κ of a Gate: inputs D, x, μ and κ, output
// a vector of length 1.
type gateFactorGrad struct{ Of string }

func (gateFactorGrad) Ranks() (in []int, out int)                 { return []int{2, 2, 1, 1}, 1 }
func (gateFactorGrad) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil }
func (gateFactorGrad) Workspace(in []tensor.Shape) int            { return chunks(in[0].TotalSize()) }
func (k gateFactorGrad) Bind32(a *opkit.Args[float32]) opkit.Run  { return bindGateFactorGrad(k, a) }
func (k gateFactorGrad) Bind64(a *opkit.Args[float64]) opkit.Run  { return bindGateFactorGrad(k, a) }

// overshootGrad is the kernel of ∂y, or ∂x, of an Overshoot: inputs D, y, x and a.
type overshootGrad struct {
	Of Overshoot
	Y  bool
}

func (overshootGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 2, 1}, 2 }
func (overshootGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k overshootGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindOvershootGrad(k, a) }
func (k overshootGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindOvershootGrad(k, a) }

// overshootFactorGrad is the kernel of ∂a: inputs D, y and x, output a vector of
// length 1.
type overshootFactorGrad struct{ Of Overshoot }

func (overshootFactorGrad) Ranks() (in []int, out int)                 { return []int{2, 2, 2}, 1 }
func (overshootFactorGrad) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil }
func (overshootFactorGrad) Workspace(in []tensor.Shape) int            { return chunks(in[0].TotalSize()) }
func (k overshootFactorGrad) Bind32(a *opkit.Args[float32]) opkit.Run {
	return bindOvershootFactorGrad(k, a)
}
func (k overshootFactorGrad) Bind64(a *opkit.Args[float64]) opkit.Run {
	return bindOvershootFactorGrad(k, a)
}
