package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// MaxPool takes the largest number of each window. Shapes: x n×c×h×w, y n×c×oh×ow;
// see conv.MaxPool.
type MaxPool struct{ conv.Window }

// AveragePool takes the mean of each window. Shapes: x n×c×h×w, y n×c×oh×ow; see
// conv.AveragePool.
type AveragePool struct{ conv.Window }

// GlobalAveragePool takes the mean of each channel. Shapes: x n×c×h×w, y n×c.
type GlobalAveragePool struct{}

var (
	_ Layer = MaxPool{}
	_ Layer = AveragePool{}
	_ Layer = GlobalAveragePool{}
)

// Params implements Layer: there are none.
func (MaxPool) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (AveragePool) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (GlobalAveragePool) Params() []*nn.Param { return nil }

// Forward implements Layer.
func (l MaxPool) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: MaxPool")
	return build.Must(conv.MaxPool(x, l.Window)), nil
}

// Forward implements Layer.
func (l AveragePool) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: AveragePool")
	return build.Must(conv.AveragePool(x, l.Window)), nil
}

// Forward implements Layer.
func (GlobalAveragePool) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: GlobalAveragePool")
	return build.Must(conv.GlobalAveragePool(x)), nil
}
