package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// ReLU is max(x, 0), element by element. Shapes: x of any rank.
type ReLU struct{}

// Flatten makes a row of each sample. Shapes: x n×…, out n×d.
type Flatten struct{}

// Normalize puts each sample on the unit sphere, x / ‖x‖₂, at any magnitude. One that is
// 0, as where no unit before it is active, stays 0 and has no gradient. Shapes: x and out
// n×d. A run refuses a sample that is not finite.
type Normalize struct{}

// Dropout sets elements to zero with probability Rate in a training graph, and
// scales the others by 1/(1−Rate); in an evaluation graph it is the identity.
// The elements are a function of Seed, Name and the number of the step
// (nn.Program.SetStep), so that a resumed run draws what the first would have.
//
// Reference: Srivastava et al. Dropout: a simple way to prevent neural networks
// from overfitting. JMLR 2014.
type Dropout struct {
	Name string  // a stream of random numbers of its own
	Rate float64 // from 0 to 1, 1 excluded
	Seed uint64
}

var (
	_ Layer = ReLU{}
	_ Layer = Flatten{}
	_ Layer = Normalize{}
	_ Layer = Dropout{}
)

// Params implements Layer: there are none.
func (ReLU) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (Flatten) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (Normalize) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (Dropout) Params() []*nn.Param { return nil }

// Forward implements Layer.
func (ReLU) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: ReLU")
	return build.Must(nn.ReLU(x)), nil
}

// Forward implements Layer.
func (Flatten) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: Flatten")
	return build.Must(nn.Flatten(x)), nil
}

// Forward implements Layer.
func (Normalize) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: Normalize")
	return build.Must(nn.NormalizeOrZero(x)), nil
}

// Forward implements Layer.
func (l Dropout) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: Dropout %q", l.Name)
	return build.Must(nn.Dropout(g, x, l.Rate, l.Seed, l.Name)), nil
}
