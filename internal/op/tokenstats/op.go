// Package tokenstats is attention by token statistics.
//
//	s = tempₕ Σₚ w²/V,   V = Σₙ w²,   Π = softmax of s over heads
//	m = T/S,   T = Σₙ Π w²,   S = Σₙ Π + 1e-8,   out = −w Π/(1 + m)
//
// for each sequence, head h and number p of it. V is at least 1e-24.
//
// # Method
//
// Three passes over the tokens of a sequence: V, then Π with T and S, then out. All that is
// kept beside the tokens is sums, so cost and memory are linear in n.
//
// # Gradient
//
// With D = ∂L/∂out, a = 1/(1 + m) and x = 1/V,
//
//	dm = a² Σₙ D w Π,   dT = dm/S,   dSₕ = −Σₚ dm m/S,   dΠ = −Σₚ D w a + Σₚ dT w² + dSₕ
//	ds = Π (dΠ − Σₕ Π dΠ),   dtemp = Σ ds s/temp,   u = temp ds,   dV = −x² Σₙ u w²
//	dw = −D Π a + 2w (Π dT + x u + dV)
//
// and no dV where V is at its least.
//
// # Numerics
//
// Sums run in float64. About 30 flops an element, with the gradient 100: bound by arithmetic.
//
// # References
//
// Wu et al. Token statistics transformer: linear-time attention via variational rate
// reduction. ICLR 2025.
package tokenstats

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Statistics is the op: inputs w (b×n×d) and temp (h), output as w.
type Statistics struct{ Heads int }

// grads is the op of the gradients: D, w and temp; output a vector, that of w and then that
// of temp for each sequence.
type grads struct{ Of Statistics }

// ofTokens and ofTemp are the ops of its parts: inputs grads and w, or temp.
type (
	ofTokens struct{}
	ofTemp   struct{ From int }
)

const (
	least = 1e-24 // of V
	guard = 1e-8  // beside the sum of Π
)

// Spec implements op.Op.
func (k Statistics) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{3, 1}, Kernel: op.Both(k, bind, bind), Shape: k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			all := op.Must(op.Apply(grads{k}, dout, in[0], in[1]))
			from := in[0].Shape().TotalSize()
			return gorgonia.Nodes{op.Must(op.Apply(ofTokens{}, all, in[0])),
				op.Must(op.Apply(ofTemp{from}, all, in[1]))}
		},
		FLOPs:         func(in []tensor.Shape) int64 { return 30 * op.Elements(in) },
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return k.room(a.Shapes[0]), nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			x := a.Shapes[0]
			return kernel(a, "forward", launch.Rows(x[0]), launch.I(x[0]), launch.I(x[1]), launch.I(x[2]),
				launch.I(k.Heads), a.Y(), a.X(0), a.X(1), launch.P(a.Work))
		},
	}
}

// room is the scratch of a device: for each sequence four sums of d numbers, and two of each
// token and head, with room for the sums of heads.
func (k Statistics) room(x tensor.Shape) int { return 8 * x[0] * (4*x[2] + 2*(x[1]+1)*k.Heads) }

func (k Statistics) shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.Heads < 1 || in[0][2]%k.Heads != 0 {
		return nil, op.Errorf("token statistics: tokens of %d numbers, which %d heads do not divide", in[0][2], k.Heads)
	}
	if in[1][0] != k.Heads {
		return nil, op.Errorf("token statistics: temp is %v, want a number for each of %d heads", in[1], k.Heads)
	}
	return in[0].Clone(), nil
}

func (k grads) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{3, 3, 1}, Kernel: op.Both(k, bindGrads, bindGrads),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return tensor.Shape{in[0].TotalSize() + in[0][0]*k.Of.Heads}, nil
		},
		FLOPs:         func(in []tensor.Shape) int64 { return 70 * op.Elements(in) },
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return k.Of.room(a.Shapes[0]), nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			x := a.Shapes[1]
			return kernel(a, "grads", launch.Rows(x[0]), launch.I(x[0]), launch.I(x[1]), launch.I(x[2]),
				launch.I(k.Of.Heads), a.Y(), a.X(0), a.X(1), a.X(2), launch.P(a.Work))
		},
	}
}

func (k ofTokens) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{1, 3}, Kernel: op.Both(k, bindTokens, bindTokens),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) { return in[1].Clone(), nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			bytes := 4
			if a.Double() {
				bytes = 8
			}
			return a.Copy(a.Out, a.In[0], a.N()*bytes), nil
		},
	}
}

func (k ofTemp) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{1, 1}, Kernel: op.Both(k, bindTemp, bindTemp),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) { return in[1].Clone(), nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "temp", launch.Elements(a.N()), launch.I(a.N()),
				launch.I((a.Shapes[0][0]-k.From)/a.N()), launch.I(k.From), a.Y(), a.X(0))
		},
	}
}

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("tokenstats", ptx.Of("tokenstats/tokenstats"), "tokenstats_"+name, shape, args...)
}
