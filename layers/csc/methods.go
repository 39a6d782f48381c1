package csc

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/nn"
)

// The methods named Config return what a checkpoint records about a network: its settings, with defaults filled in.

// Forward implements layers.Layer: the last code.
func (n *MLISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return last(n.Codes(g, x))
}

// Params implements layers.Layer.
func (n *MLISTA) Params() []*nn.Param {
	if n == nil {
		return nil
	}
	return n.params()
}

// Config returns the settings of the network.
func (n *MLISTA) Config() Config {
	if n == nil {
		return Config{}
	}
	return n.config()
}

// Forward implements layers.Layer: the last code.
func (n *MLFISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return last(n.Codes(g, x))
}

// Params implements layers.Layer.
func (n *MLFISTA) Params() []*nn.Param {
	if n == nil {
		return nil
	}
	return n.params()
}

// Config returns the settings of the network.
func (n *MLFISTA) Config() Config {
	if n == nil {
		return Config{}
	}
	return n.config()
}

// Forward implements layers.Layer: the last code.
func (n *LayeredBP) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return last(n.Codes(g, x))
}

// Params implements layers.Layer.
func (n *LayeredBP) Params() []*nn.Param {
	if n == nil {
		return nil
	}
	return n.params()
}

// Config returns the settings of the network.
func (n *LayeredBP) Config() Config {
	if n == nil {
		return Config{}
	}
	return n.config()
}

// Forward implements layers.Layer: the last code.
func (n *MLLISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return last(n.Codes(g, x))
}

// Params implements layers.Layer.
func (n *MLLISTA) Params() []*nn.Param {
	if n == nil {
		return nil
	}
	return n.params()
}

// Config returns the settings of the network.
func (n *MLLISTA) Config() Config {
	if n == nil {
		return Config{}
	}
	return n.config()
}

// Forward implements layers.Layer: the last code.
func (n *AllFree) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return last(n.Codes(g, x))
}

// Params implements layers.Layer.
func (n *AllFree) Params() []*nn.Param {
	if n == nil {
		return nil
	}
	return n.params()
}

// Config returns the settings of the network.
func (n *AllFree) Config() Config {
	if n == nil {
		return Config{}
	}
	return n.config()
}

// Synthesis returns D₁D₂…D_K γ, the images that last codes stand for, of the size of like.
// Shapes: like n×In×h×w, γ as the last code of it, out as like.
func (n *MLISTA) Synthesis(g *nn.Graph, gamma, like *gorgonia.Node) (*gorgonia.Node, error) {
	if n == nil || n.stack == nil {
		return nil, notMade("MLISTA")
	}
	return n.image(g, gamma, like)
}

// Synthesis returns D₁D₂…D_K γ, the images that last codes stand for, of the size of like.
// Shapes: like n×In×h×w, γ as the last code of it, out as like.
func (n *MLFISTA) Synthesis(g *nn.Graph, gamma, like *gorgonia.Node) (*gorgonia.Node, error) {
	if n == nil || n.stack == nil {
		return nil, notMade("MLFISTA")
	}
	return n.image(g, gamma, like)
}

// Synthesis returns D₁D₂…D_K γ, the images that last codes stand for, of the size of like.
// Shapes: like n×In×h×w, γ as the last code of it, out as like.
func (n *LayeredBP) Synthesis(g *nn.Graph, gamma, like *gorgonia.Node) (*gorgonia.Node, error) {
	if n == nil || n.stack == nil {
		return nil, notMade("LayeredBP")
	}
	return n.image(g, gamma, like)
}
