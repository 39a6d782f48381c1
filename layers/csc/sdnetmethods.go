package csc

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// Forward implements layers.Layer: the code of the images x.
func (l *SparseCoding) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	code, _, _, err := l.Code(g, x)
	return code, err
}

// Code returns the code c of the images x, ‖x − Dc‖² and λ‖c‖₁ + μ/2 ‖c‖², both summed over
// the samples.
func (l *SparseCoding) Code(g *nn.Graph, x *gorgonia.Node) (code, residual, penalty *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, nil, nil, notMade("SparseCoding")
	}
	defer build.Catch(&err, "csc: SparseCoding %q", l.cfg.Name)
	d := build.Must(l.dictionary(g, x))
	code = build.Must(l.code(d, x))
	residual, penalty = l.losses(d, x, code)
	return code, residual, penalty, nil
}

// Synthesis returns Dc, of the size of like. Shapes: code as Forward returns it, like and out
// as its input.
func (l *SparseCoding) Synthesis(g *nn.Graph, code, like *gorgonia.Node) (x *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("SparseCoding")
	}
	defer build.Catch(&err, "csc: SparseCoding %q", l.cfg.Name)
	return l.down(g, code, like)
}

// Params implements layers.Layer.
func (l *SparseCoding) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	return []*nn.Param{l.weight}
}

// Config returns the settings of the layer.
func (l *SparseCoding) Config() CodingConfig {
	if l == nil {
		return CodingConfig{}
	}
	return l.cfg
}

// Forward implements layers.Layer: the code of the tokens x.
func (l *TokenCoding) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	code, _, _, err := l.Code(g, x)
	return code, err
}

// Code returns the code c of the tokens x, ‖x − Dc‖² and λ‖c‖₁ + μ/2 ‖c‖², both summed over
// the samples.
func (l *TokenCoding) Code(g *nn.Graph, x *gorgonia.Node) (code, residual, penalty *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, nil, nil, notMade("TokenCoding")
	}
	defer build.Catch(&err, "csc: TokenCoding %q", l.cfg.Name)
	d := build.Must(l.dictionary(g, x))
	code = build.Must(l.code(d, x))
	residual, penalty = l.losses(d, x, code)
	return code, residual, penalty, nil
}

// Synthesis returns Dc, of the size of like. Shapes: code as Forward returns it, like and out
// as its input.
func (l *TokenCoding) Synthesis(g *nn.Graph, code, like *gorgonia.Node) (x *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("TokenCoding")
	}
	defer build.Catch(&err, "csc: TokenCoding %q", l.cfg.Name)
	return l.down(g, code, like)
}

// Params implements layers.Layer.
func (l *TokenCoding) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	return []*nn.Param{l.weight}
}

// Config returns the settings of the layer.
func (l *TokenCoding) Config() CodingConfig {
	if l == nil {
		return CodingConfig{}
	}
	return l.cfg
}
