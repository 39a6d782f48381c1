package redunet

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// SpectralMaps is the op of u at each frequency: inputs z (f×n×2c), E (f×2×c×c)
// and C (k×f×2×c×c), complex matrices with their real part first, output
// f×n×(k+1)×2c.
type SpectralMaps struct{}

// Spec implements op.Op.
func (k SpectralMaps) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 4, 5},
		Kernel: op.Both(k, bindSpectralMaps, bindSpectralMaps),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dz := op.Must(op.Apply(spectralGradZ{}, dout, in[1], in[2]))
			de := op.Must(op.Apply(spectralGradE{}, dout, in[0]))
			return gorgonia.Nodes{dz, de, op.Must(op.Apply(spectralGradC{}, dout, in[0]))}
		},
		FLOPs: func(in []tensor.Shape) int64 {
			return 4 * int64(in[0][1]) * int64(in[1].TotalSize()+
				in[2].TotalSize())
		},
		Device: k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return realRoom(a.Shapes[2][1], a.Shapes[2][0]+1, 2*a.Shapes[2][3], a.Dtype)
		},
	}
}

func (SpectralMaps) shape(in []tensor.Shape) (tensor.Shape, error) {
	z, e, c := in[0], in[1], in[2]
	f, channels := z[0], z[2]/2
	if want := (tensor.Shape{f, 2, channels, channels}); z[2]%2 != 0 || !e.Eq(want) || !c[1:].Eq(want) {
		return nil, op.Errorf("redunet: spectral maps: z is %v, so E must be %v and C k of these; they are %v and %v",
			z, want, e, c)
	}
	return tensor.Shape{f, z[1], c[0] + 1, z[2]}, nil
}

// spectralGradZ is the op of ∂L/∂z: inputs ∂L/∂u, E and C, output as z.
type spectralGradZ struct{}

func (k spectralGradZ) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 4, 5},
		Kernel: op.Both(k, bindSpectralGradZ, bindSpectralGradZ),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return tensor.Shape{in[0][0], in[0][1], in[0][3]},
				nil
		},
		Device: k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return realRoom(a.Shapes[2][1], a.Shapes[2][0]+1, 2*a.Shapes[2][3], a.Dtype)
		},
	}
}

// spectralGradE is the op of ∂L/∂E: inputs ∂L/∂u and z, output as E.
type spectralGradE struct{}

func (k spectralGradE) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 3},
		Kernel: op.Both(k, bindSpectralGradE, bindSpectralGradE),
		Shape:  k.shape,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return spectralGrad(a, 0, 1)
		},
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return realRoom(a.Shapes[0][0], 1, a.Shapes[0][3],
				a.Dtype)
		},
	}
}

func (spectralGradE) shape(in []tensor.Shape) (tensor.Shape, error) {
	c := in[1][2] / 2
	return tensor.Shape{in[1][0], 2, c, c}, nil
}

// spectralGradC is the op of ∂L/∂C: inputs ∂L/∂u and z, output as C.
type spectralGradC struct{}

func (k spectralGradC) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 3},
		Kernel: op.Both(k, bindSpectralGradC, bindSpectralGradC),
		Shape:  k.shape,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return spectralGrad(a, 1, a.Shape[0])
		},
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return realRoom(a.Shapes[0][0], a.Shapes[0][2]-1, a.Shapes[0][3], a.Dtype)
		},
	}
}

func (spectralGradC) shape(in []tensor.Shape) (tensor.Shape, error) {
	c := in[1][2] / 2
	return tensor.Shape{in[0][2] - 1, in[1][0], 2, c, c}, nil
}

// Sphere is the op of zᵢ / ‖zᵢ‖₂, with the norm over all frequencies: input f×n×d,
// output as it. Magnitudes, errors and the gradient (D − ⟨D, y⟩y)/‖x‖ are as in package
// normalize.
type Sphere struct{}

// Spec implements op.Op.
func (k Sphere) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{3},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindSphere, bindSphere),
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(sphereGrad{}, dout, in[0]))}
		},
		FLOPs:   func(in []tensor.Shape) int64 { return 3 * int64(in[0].TotalSize()) },
		Device:  k.device,
		Explain: func(f op.Report) error { return noDirection(f.Number, f.Shapes[0][1], float64(f.Value)) },
	}
}

// sphereGrad is the op of ∂L/∂x: inputs D and x, output as x.
type sphereGrad struct{}

func (k sphereGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 3},
		Kernel: op.Both(k, bindSphereGrad, bindSphereGrad),
		Device: k.device,
	}
}
