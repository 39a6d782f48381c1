package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/nn/norm"
)

// LayerNormConfig configures a LayerNorm layer.
type LayerNormConfig struct {
	Name  string       // of the layer; its parameters are Name.weight and Name.bias
	Dim   int          // d, the size of the last axis; at least 1
	Eps   float64      // added to the variance; 0 is 1e-5
	Dtype tensor.Dtype // zero is float32

	NoBias bool // leave out β
}

// LayerNorm standardizes each sample over its last axis, then scales and shifts
// it:
//
//	y = γ ⊙ (x − mean(x)) / √(var(x) + ε) + β
//
// Shapes: x of rank 2 to 4 with last axis d; γ, β d; y as x. Parameters:
// Name.weight, which is γ, ones at first, and Name.bias, β, zeros, both exempt from weight decay.
//
// Reference: Ba, Kiros, Hinton. Layer normalization. 2016.
type LayerNorm struct {
	cfg         LayerNormConfig
	gamma, beta *nn.Param // beta is nil without one
}

var _ Layer = (*LayerNorm)(nil)

// NewLayerNorm returns a layer that standardizes.
func NewLayerNorm(cfg LayerNormConfig) (*LayerNorm, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: LayerNorm: no Name, which the names of its parameters begin with")
	}
	if cfg.Dim < 1 || cfg.Eps < 0 {
		return nil, errors.Errorf("layers: LayerNorm %q: Dim is %d and Eps %v, want at least 1 and 0", cfg.Name,
			cfg.Dim, cfg.Eps)
	}
	if cfg.Eps == 0 {
		cfg.Eps = 1e-5
	}
	l := &LayerNorm{cfg: cfg}
	var err error
	if l.gamma, err = newParam(cfg.Name+".weight", cfg.Dtype, 0, initializer.Ones{}, cfg.Dim); err != nil {
		return nil, errors.WithMessagef(err, "layers: LayerNorm %q", cfg.Name)
	}
	l.gamma.NoDecay = true
	if cfg.NoBias {
		return l, nil
	}
	if l.beta, err = newParam(cfg.Name+".bias", cfg.Dtype, 0, initializer.Zeros{}, cfg.Dim); err != nil {
		return nil, errors.WithMessagef(err, "layers: LayerNorm %q", cfg.Name)
	}
	l.beta.NoDecay = true
	return l, nil
}

// Params implements Layer.
func (l *LayerNorm) Params() []*nn.Param {
	if l == nil || l.gamma == nil {
		return nil
	}
	if l.beta == nil {
		return []*nn.Param{l.gamma}
	}
	return []*nn.Param{l.gamma, l.beta}
}

// Forward implements Layer.
func (l *LayerNorm) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.gamma == nil {
		return nil, notMade("LayerNorm")
	}
	defer build.Catch(&err, "layers: LayerNorm %q", l.cfg.Name)
	gamma, beta := build.Must(g.Bind(l.gamma)), (*gorgonia.Node)(nil)
	if l.beta != nil {
		beta = build.Must(g.Bind(l.beta))
	}
	return build.Must(norm.LayerNorm(x, gamma, beta, l.cfg.Eps)), nil
}
