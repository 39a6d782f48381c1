package models

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// A chain is a network that applies its layers one after the other, with the data that its methods return.
type chain struct {
	what   string // the network, in messages
	out    int
	layers layers.Sequential
	made   any // the configuration
}

// Out returns d, the number of features that come out.
func (c *chain) Out() int {
	if c == nil {
		return 0
	}
	return c.out
}

// Forward implements layers.Layer.
func (c *chain) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if c == nil || c.what == "" {
		return nil, errors.New("models: a network that New did not make")
	}
	y, err := c.layers.Forward(g, x)
	return y, errors.WithMessage(err, c.what)
}

// Params implements layers.Layer.
func (c *chain) Params() []*nn.Param {
	if c == nil {
		return nil
	}
	return c.layers.Params()
}

// finish appends the head, unless the network is to end with its h.In features, and the projection onto the unit
// sphere.
func (c *chain) finish(noHead bool, h head) error {
	c.out = h.Out
	if noHead {
		c.out = h.In
	} else {
		last, err := h.layers()
		if err != nil {
			return err
		}
		c.layers = append(c.layers, last...)
	}
	if h.Normalize {
		c.layers = append(c.layers, layers.Normalize{})
	}
	return nil
}
