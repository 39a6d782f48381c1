package extend

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// Coder is the layer garrote(x Wᵀ + b; θ).
type Coder struct {
	linear *layers.Linear
	theta  float64
}

// NewCoder returns a layer from in numbers to out, whose parameters are named after it.
func NewCoder(name string, in, out int, theta float64) (*Coder, error) {
	linear, err := layers.NewLinear(layers.LinearConfig{Name: name, In: in, Out: out})
	return &Coder{linear, theta}, err
}

// Forward implements layers.Layer.
func (c *Coder) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer nn.Catch(&err, "coder")
	return Garrote(nn.Must(c.linear.Forward(g, x)), c.theta)
}

// Params implements layers.Layer.
func (c *Coder) Params() []*nn.Param { return c.linear.Params() }
