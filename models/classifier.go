package models

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Classifier is an encoder with a head on its features: MCR² is a loss of the features, cross-entropy of the
// logits. Its Forward returns the logits; its Features those of the same encoder.
type Classifier struct {
	Encoder layers.Layer // x to features, n×d
	Head    layers.Layer // features to logits, n×k
}

var _ layers.Layer = Classifier{}

// Forward implements layers.Layer: the head's output.
func (c Classifier) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if given.Nil(c.Encoder) || given.Nil(c.Head) {
		return nil, errors.Errorf("models: Classifier: Encoder is %v and Head %v, want both", c.Encoder, c.Head)
	}
	z, err := c.Encoder.Forward(g, x)
	if err != nil {
		return nil, err
	}
	return c.Head.Forward(g, z)
}

// Features adds the encoder to the graph and then the head, and returns the
// outputs of both.
func (c Classifier) Features(g *nn.Graph, x *gorgonia.Node) (z, logits *gorgonia.Node, err error) {
	if given.Nil(c.Encoder) || given.Nil(c.Head) {
		return nil, nil, errors.Errorf("models: Classifier: Encoder is %v and Head %v, want both", c.Encoder, c.Head)
	}
	if z, err = c.Encoder.Forward(g, x); err != nil {
		return nil, nil, err
	}
	logits, err = c.Head.Forward(g, z)
	return z, logits, err
}

// Params implements layers.Layer: the encoder's, then the head's.
func (c Classifier) Params() []*nn.Param {
	return layers.Sequential{c.Encoder, c.Head}.Params()
}
