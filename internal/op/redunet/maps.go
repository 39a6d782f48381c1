package redunet

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Maps is the op of u: inputs z (n×d), E (d×d) and C (k×d×d), output
// n×(k+1)×d.
type Maps struct{}

// Spec implements op.Op.
func (k Maps) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, 3},
		Kernel: op.Both(k, bindMaps, bindMaps),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dz := op.Must(op.Apply(mapsGradZ{}, dout, in[1], in[2]))
			de := op.Must(op.Apply(mapsGradE{}, dout, in[0]))
			return gorgonia.Nodes{dz, de, op.Must(op.Apply(mapsGradC{}, dout, in[0]))}
		},
		FLOPs: func(in []tensor.Shape) int64 {
			return 2 * int64(in[0][0]) * int64(in[1].TotalSize()+
				in[2].TotalSize())
		},
		Device: k.device,
	}
}

func (Maps) shape(in []tensor.Shape) (tensor.Shape, error) {
	z, e, c := in[0], in[1], in[2]
	if d := z[1]; e[0] != d || e[1] != d || c[1] != d || c[2] != d {
		return nil, op.Errorf("redunet: maps: z is %v, so E must be %d×%d and C k×%d×%d; they are %v and %v", z, d, d,
			d, d, e, c)
	}
	return tensor.Shape{z[0], c[0] + 1, z[1]}, nil
}

// mapsGradZ is the op of ∂L/∂z: inputs ∂L/∂u (n×(k+1)×d), E and C, output n×d.
type mapsGradZ struct{}

func (k mapsGradZ) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 2, 3},
		Kernel: op.Both(k, bindMapsGradZ, bindMapsGradZ),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0], in[0][2]}, nil },
		Device: k.device,
	}
}

// mapsGradE is the op of ∂L/∂E: inputs ∂L/∂u and z, output d×d.
type mapsGradE struct{}

func (k mapsGradE) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 2},
		Kernel: op.Both(k, bindMapsGradE, bindMapsGradE),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[1][1], in[1][1]}, nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return mapsGrad(a, 0, 1)
		},
	}
}

// mapsGradC is the op of ∂L/∂C: inputs ∂L/∂u and z, output k×d×d.
type mapsGradC struct{}

func (k mapsGradC) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 2},
		Kernel: op.Both(k, bindMapsGradC, bindMapsGradC),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return tensor.Shape{in[0][1] - 1, in[1][1], in[1][1]}, nil
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return mapsGrad(a, 1, a.Shapes[0][1]-1)
		},
	}
}
