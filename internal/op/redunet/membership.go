package redunet

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Membership is the kernel of Π: input u (…×n×(k+1)×d), output n×k, rows that sum
// to 1. Hard is 1 for the least ‖uⱼᵢ‖, the first where two are equal, and 0 for
// the others.
type Membership struct {
	Rank   int     // of u, 3 or 4
	Lambda float64 // λ, at least 0
	Hard   bool
}

var _ opkit.Differentiable = Membership{}

func (k Membership) Ranks() (in []int, out int) { return []int{k.Rank}, 2 }
func (k Membership) Wrt() []bool                { return []bool{!k.Hard} }

func (k Membership) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Lambda >= 0) || k.Lambda > 1e300 {
		return nil, errors.Wrapf(opkit.ErrInput, "redunet: membership: λ is %v, want it at least 0 and finite", k.Lambda)
	}
	u := in[0]
	if k.Rank != 3 && k.Rank != 4 || u[k.Rank-2] < 2 {
		return nil, errors.Wrapf(opkit.ErrInput, "redunet: membership: maps are %v, want …×n×(k+1)×d with k ≥ 1", u)
	}
	return tensor.Shape{u[k.Rank-3], u[k.Rank-2] - 1}, nil
}

func (k Membership) FLOPs(in []tensor.Shape) int64           { return 2 * int64(in[0].TotalSize()) }
func (k Membership) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMembership(k, a) }
func (k Membership) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMembership(k, a) }

func (k Membership) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := opkit.Apply(membershipGrad{k}, in[0], out, dout)
	return gorgonia.Nodes{du}, err
}

// membershipGrad is the kernel of ∂L/∂u: inputs u, Π and P = ∂L/∂Π, output as u.
type membershipGrad struct{ Of Membership }

func (k membershipGrad) Ranks() (in []int, out int) { return []int{k.Of.Rank, 2, 2}, k.Of.Rank }
func (membershipGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), nil
}
func (k membershipGrad) Bind32(a *opkit.Args[float32]) opkit.Run {
	return bindMembershipGrad(k.Of, a)
}
func (k membershipGrad) Bind64(a *opkit.Args[float64]) opkit.Run {
	return bindMembershipGrad(k.Of, a)
}
