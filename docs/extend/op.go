package extend

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/op"
)

// garrote is the op of the non-negative garrote, x − θ²/x where |x| > θ and else 0: a
// threshold that leaves large numbers alone.
type garrote struct{ Theta float64 }

// Spec implements op.Op.
func (k garrote) Spec() op.Spec {
	share := func(x float64) float64 { return k.Theta * k.Theta / (x * x) }
	return op.Pointwise(k, op.Function{
		Value: func(x float64) float64 {
			if math.Abs(x) <= k.Theta {
				return 0 * x
			}
			return x * (1 - share(x))
		},
		Slope: func(x float64) float64 {
			if math.Abs(x) <= k.Theta {
				return 0
			}
			return 1 + share(x)
		},
		Name: "garrote", PTX: garrotePTX, Numbers: []float64{k.Theta},
	})
}

// Garrote adds the op to the graph of x.
func Garrote(x *gorgonia.Node, theta float64) (*gorgonia.Node, error) {
	return op.Apply(garrote{theta}, x)
}
