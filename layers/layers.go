// Package layers pairs the operations of package nn with parameters.
//
// A layer is made once, by a New function from a configuration whose zero value
// is the usual choice, and added to any number of graphs by Forward. Layers are
// composed in plain Go: Forward of a model calls Forward of its layers; Sequential
// does that for a chain.
package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Layer adds itself to a graph.
type Layer interface {
	// Forward returns the layer's output for x, adding the nodes to g and
	// binding the layer's parameters into it.
	Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error)

	// Params returns the layer's parameters, always in the same order.
	Params() []*nn.Param
}

// Sequential is a chain of layers: each takes the output of the one before.
type Sequential []Layer

var _ Layer = Sequential(nil)

// Forward implements Layer.
func (s Sequential) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	for i, l := range s {
		if given.Nil(l) {
			return nil, errors.Errorf("layers: Sequential: layer %d of %d is nil", i, len(s))
		}
		var err error
		if x, err = l.Forward(g, x); err != nil {
			return nil, errors.WithMessagef(err, "layers: Sequential: layer %d", i)
		}
	}
	return x, nil
}

// Params implements Layer.
func (s Sequential) Params() []*nn.Param {
	var ps []*nn.Param
	for _, l := range s {
		if !given.Nil(l) {
			ps = append(ps, l.Params()...)
		}
	}
	return ps
}

// notMade is the error of a layer that its New function did not make.
func notMade(kind string) error {
	return errors.Errorf("layers: %s: not made by New%s", kind, kind)
}
