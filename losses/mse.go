package losses

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// MSE is the mean squared error over all elements,
//
//	(1/N) Σ (out − target)²
//
// Shapes: out and target alike, N elements. Probe: mse.
type MSE struct {
	Name string // prefix of the probe
}

var _ Loss = MSE{}

// Loss implements Loss.
func (l MSE) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: MSE")
	loss = build.Must(nn.SquaredError(out, target))
	return loss, g.Probe(named(l.Name, "mse"), loss)
}
