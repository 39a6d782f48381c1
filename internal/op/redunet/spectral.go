package redunet

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// SpectralMaps is the kernel of u at each frequency: inputs z (f×n×2c), E (f×2×c×c)
// and C (k×f×2×c×c), complex matrices with their real part first, output
// f×n×(k+1)×2c.
type SpectralMaps struct{}

var _ opkit.Differentiable = SpectralMaps{}

func (SpectralMaps) Ranks() (in []int, out int) { return []int{3, 4, 5}, 4 }
func (SpectralMaps) Wrt() []bool                { return []bool{true, true, true} }

func (SpectralMaps) Shape(in []tensor.Shape) (tensor.Shape, error) {
	z, e, c := in[0], in[1], in[2]
	f, channels := z[0], z[2]/2
	if want := (tensor.Shape{f, 2, channels, channels}); z[2]%2 != 0 || !e.Eq(want) || !c[1:].Eq(want) {
		return nil, errors.Wrapf(opkit.ErrInput, "redunet: spectral maps: z is %v, so E must be %v and C k of these; they are %v and %v", z, want, e, c)
	}
	return tensor.Shape{f, z[1], c[0] + 1, z[2]}, nil
}

func (SpectralMaps) FLOPs(in []tensor.Shape) int64 {
	return 4 * int64(in[0][1]) * int64(in[1].TotalSize()+in[2].TotalSize())
}
func (k SpectralMaps) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSpectralMaps(a) }
func (k SpectralMaps) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSpectralMaps(a) }

func (k SpectralMaps) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := opkit.Apply(spectralGradZ{}, dout, in[1], in[2])
	if err != nil {
		return nil, err
	}
	de, err := opkit.Apply(spectralGradE{}, dout, in[0])
	if err != nil {
		return nil, err
	}
	dc, err := opkit.Apply(spectralGradC{}, dout, in[0])
	return gorgonia.Nodes{dz, de, dc}, err
}

// spectralGradZ is the kernel of ∂L/∂z: inputs ∂L/∂u, E and C, output as z.
type spectralGradZ struct{}

func (spectralGradZ) Ranks() (in []int, out int) { return []int{4, 4, 5}, 3 }
func (spectralGradZ) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], in[0][1], in[0][3]}, nil
}
func (k spectralGradZ) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSpectralGradZ(a) }
func (k spectralGradZ) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSpectralGradZ(a) }

// spectralGradE is the kernel of ∂L/∂E: inputs ∂L/∂u and z, output as E.
type spectralGradE struct{}

func (spectralGradE) Ranks() (in []int, out int) { return []int{4, 3}, 4 }
func (spectralGradE) Shape(in []tensor.Shape) (tensor.Shape, error) {
	c := in[1][2] / 2
	return tensor.Shape{in[1][0], 2, c, c}, nil
}
func (k spectralGradE) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSpectralGrad(a, 0, 1) }
func (k spectralGradE) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSpectralGrad(a, 0, 1) }

// spectralGradC is the kernel of ∂L/∂C: inputs ∂L/∂u and z, output as C.
type spectralGradC struct{}

func (spectralGradC) Ranks() (in []int, out int) { return []int{4, 3}, 5 }
func (spectralGradC) Shape(in []tensor.Shape) (tensor.Shape, error) {
	c := in[1][2] / 2
	return tensor.Shape{in[0][2] - 1, in[1][0], 2, c, c}, nil
}
func (k spectralGradC) Bind32(a *opkit.Args[float32]) opkit.Run {
	return bindSpectralGrad(a, 1, a.Shape[0])
}
func (k spectralGradC) Bind64(a *opkit.Args[float64]) opkit.Run {
	return bindSpectralGrad(a, 1, a.Shape[0])
}

// Sphere is the kernel of zᵢ / ‖zᵢ‖₂, with the norm over all frequencies: input f×n×d,
// output as it. Magnitudes, errors and the gradient (D − ⟨D, y⟩y)/‖x‖ are as in package
// normalize.
type Sphere struct{}

var _ opkit.Differentiable = Sphere{}

func (Sphere) Ranks() (in []int, out int) { return []int{3}, 3 }
func (Sphere) Wrt() []bool                { return []bool{true} }
func (Sphere) InPlace() int               { return 0 }

func (Sphere) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (Sphere) FLOPs(in []tensor.Shape) int64                 { return 3 * int64(in[0].TotalSize()) }
func (Sphere) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindSphere(a) }
func (Sphere) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindSphere(a) }

func (Sphere) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(sphereGrad{}, dout, in[0])
	return gorgonia.Nodes{dx}, err
}

// sphereGrad is the kernel of ∂L/∂x: inputs D and x, output as x.
type sphereGrad struct{}

func (sphereGrad) Ranks() (in []int, out int)                    { return []int{3, 3}, 3 }
func (sphereGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (sphereGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindSphereGrad(a) }
func (sphereGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindSphereGrad(a) }
