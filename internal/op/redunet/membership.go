package redunet

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Membership is the op of Π: input u (…×n×(k+1)×d), output n×k, rows that sum
// to 1. Hard is 1 for the least ‖uⱼᵢ‖, the first where two are equal, and 0 for
// the others.
type Membership struct {
	Lambda float64 // λ, at least 0
	Hard   bool
}

// Spec implements op.Op.
func (k Membership) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any},
		Kernel: op.Both(k, bindMembership, bindMembership),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(membershipGrad{k}, in[0], out, dout))}
		},
		Wrt:    []bool{!k.Hard},
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[0].TotalSize()) },
		Device: k.device,
	}
}

func (k Membership) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Lambda >= 0) || k.Lambda > 1e300 {
		return nil, op.Errorf("redunet: membership: λ is %v, want it at least 0 and finite", k.Lambda)
	}
	u := in[0]
	r := len(u)
	if r != 3 && r != 4 || u[r-2] < 2 {
		return nil, op.Errorf("redunet: membership: maps are %v, want …×n×(k+1)×d with k ≥ 1", u)
	}
	return tensor.Shape{u[r-3], u[r-2] - 1}, nil
}

// membershipGrad is the op of ∂L/∂u: inputs u, Π and P = ∂L/∂Π, output as u.
type membershipGrad struct{ Of Membership }

func (k membershipGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, 2, 2},
		Kernel: op.Both(k, bindMembershipGrad, bindMembershipGrad),
		Device: k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return a.Shapes[1].TotalSize() * int(a.Dtype.Size()),
				nil
		},
	}
}
