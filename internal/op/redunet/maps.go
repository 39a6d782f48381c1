package redunet

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Maps is the kernel of u: inputs z (n×d), E (d×d) and C (k×d×d), output
// n×(k+1)×d.
type Maps struct{}

var _ opkit.Differentiable = Maps{}

func (Maps) Ranks() (in []int, out int) { return []int{2, 2, 3}, 3 }
func (Maps) Wrt() []bool                { return []bool{true, true, true} }

func (Maps) Shape(in []tensor.Shape) (tensor.Shape, error) {
	z, e, c := in[0], in[1], in[2]
	if d := z[1]; e[0] != d || e[1] != d || c[1] != d || c[2] != d {
		return nil, errors.Wrapf(opkit.ErrInput, "redunet: maps: z is %v, so E must be %d×%d and C k×%d×%d; they are %v and %v", z, d, d, d, d, e, c)
	}
	return tensor.Shape{z[0], c[0] + 1, z[1]}, nil
}

func (Maps) FLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[1].TotalSize()+in[2].TotalSize())
}
func (k Maps) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMaps(a) }
func (k Maps) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMaps(a) }

func (k Maps) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := opkit.Apply(mapsGradZ{}, dout, in[1], in[2])
	if err != nil {
		return nil, err
	}
	de, err := opkit.Apply(mapsGradE{}, dout, in[0])
	if err != nil {
		return nil, err
	}
	dc, err := opkit.Apply(mapsGradC{}, dout, in[0])
	return gorgonia.Nodes{dz, de, dc}, err
}

// mapsGradZ is the kernel of ∂L/∂z: inputs ∂L/∂u (n×(k+1)×d), E and C, output n×d.
type mapsGradZ struct{}

func (mapsGradZ) Ranks() (in []int, out int) { return []int{3, 2, 3}, 2 }
func (mapsGradZ) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], in[0][2]}, nil
}
func (k mapsGradZ) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMapsGradZ(a) }
func (k mapsGradZ) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMapsGradZ(a) }

// mapsGradE is the kernel of ∂L/∂E: inputs ∂L/∂u and z, output d×d.
type mapsGradE struct{}

func (mapsGradE) Ranks() (in []int, out int) { return []int{3, 2}, 2 }
func (mapsGradE) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[1][1], in[1][1]}, nil
}
func (k mapsGradE) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMapsGradE(a) }
func (k mapsGradE) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMapsGradE(a) }

// mapsGradC is the kernel of ∂L/∂C: inputs ∂L/∂u and z, output k×d×d.
type mapsGradC struct{}

func (mapsGradC) Ranks() (in []int, out int) { return []int{3, 2}, 3 }
func (mapsGradC) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][1] - 1, in[1][1], in[1][1]}, nil
}
func (k mapsGradC) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMapsGradC(a) }
func (k mapsGradC) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMapsGradC(a) }
