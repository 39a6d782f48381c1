package reduce

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Extreme is the op of the largest or the least element.
type Extreme struct {
	Axes
	Least bool
}

// Spec implements op.Op.
func (k Extreme) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, FLOPs: op.Elements, Kernel: op.Both(k, bindExtreme, bindExtreme), Shape: k.shape,
		Grad: func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(first{k.Axes}, in[0], out, dout))}
		},
		Device: func(g *op.DeviceArgs) (op.Run, error) {
			a, b, c := k.parts(g.Shapes[0])
			return kernel(g, "extreme", launch.Elements(a*c), launch.I(a*c), launch.I(b), launch.I(c), g.Y(), g.X(0),
				launch.B(k.Least))
		},
	}
}

// first is the op of Extreme's gradient: inputs x, the extremes and D, output in x's
// shape, with D where x is first equal to the extreme, and 0 elsewhere.
type first struct{ Of Axes }

func (k first) Spec() op.Spec {
	return op.Spec{In: []op.Input{op.Any, op.Any, op.Any}, FLOPs: op.Elements,
		Kernel: op.Both(k, bindFirst, bindFirst),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil },
		Device: func(g *op.DeviceArgs) (op.Run, error) {
			a, b, c := k.Of.parts(g.Shapes[0])
			return kernel(g, "first", launch.Elements(a*c), launch.I(a*c), launch.I(b), launch.I(c), g.Y(), g.X(0),
				g.X(1), g.X(2))
		}}
}
