package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/normalize"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Normalize puts the rows of x on the unit sphere: x / max(‖x‖₂, 1e-12).
//
// Shapes: x and out n×d. Differentiable; see package normalize for rows of length
// 0.
func Normalize(x *gorgonia.Node) (*gorgonia.Node, error) {
	return opkit.Apply(normalize.Rows{Eps: 1e-12}, x)
}
