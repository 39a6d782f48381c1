package extend

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/nn"
)

// Sparse is the loss mean (out − target)² + λ·mean |out|.
type Sparse struct{ Lambda float64 }

// Loss implements losses.Loss. Probe: sparse.
func (l Sparse) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer nn.Catch(&err, "sparse")
	size := float64(out.Shape().TotalSize())
	magnitude := nn.Must(nn.Scale(nn.Must(nn.SumMagnitudes(out)), l.Lambda/size))
	loss = nn.Must(nn.Add(nn.Must(nn.SquaredError(out, target)), magnitude))
	return loss, g.Probe("sparse", loss)
}
