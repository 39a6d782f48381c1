package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// LinearConfig configures a Linear layer.
type LinearConfig struct {
	Name   string       // of the layer; its parameters are Name.weight and Name.bias
	In     int          // m, the features of a sample; at least 1
	Out    int          // d, the features that come out; at least 1
	NoBias bool         // leave out b
	Dtype  tensor.Dtype // zero is float32
	Seed   uint64       // of the initial values; see nn.Rand

	Weight nn.Initializer // nil is initializer.KaimingUniform
	Bias   nn.Initializer // nil is initializer.BiasUniform
}

// Linear is an affine map of each sample:
//
//	y = x Wᵀ + b
//
// Shapes: x n×m, W d×m, b d, y n×d. Parameters: Name.weight, and Name.bias, which
// is exempt from weight decay.
type Linear struct {
	cfg          LinearConfig
	weight, bias *nn.Param // bias is nil without one
}

var _ Layer = (*Linear)(nil)

// NewLinear returns a layer with initial values drawn from cfg.Seed.
func NewLinear(cfg LinearConfig) (*Linear, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: Linear: no Name, which the names of its parameters begin with")
	}
	if cfg.In < 1 || cfg.Out < 1 {
		return nil, errors.Errorf("layers: Linear %q: %d features in and %d out, want at least 1 each", cfg.Name,
			cfg.In, cfg.Out)
	}
	if cfg.Weight == nil {
		cfg.Weight = initializer.KaimingUniform{}
	}
	if cfg.Bias == nil {
		cfg.Bias = initializer.BiasUniform{FanIn: cfg.In}
	}
	l := &Linear{cfg: cfg}
	var err error
	if l.weight, err = newParam(cfg.Name+".weight", cfg.Dtype, cfg.Seed, cfg.Weight, cfg.Out, cfg.In); err != nil {
		return nil, errors.WithMessagef(err, "layers: Linear %q", cfg.Name)
	}
	if cfg.NoBias {
		return l, nil
	}
	if l.bias, err = newParam(cfg.Name+".bias", cfg.Dtype, cfg.Seed, cfg.Bias, cfg.Out); err != nil {
		return nil, errors.WithMessagef(err, "layers: Linear %q", cfg.Name)
	}
	l.bias.NoDecay = true
	return l, nil
}

// Params implements Layer.
func (l *Linear) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	if l.bias == nil {
		return []*nn.Param{l.weight}
	}
	return []*nn.Param{l.weight, l.bias}
}

// Forward implements Layer.
func (l *Linear) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("Linear")
	}
	defer build.Catch(&err, "layers: Linear %q", l.cfg.Name)
	w := build.Must(g.Bind(l.weight))
	if l.bias == nil {
		return build.Must(nn.Linear(x, w, nil)), nil
	}
	return build.Must(nn.Linear(x, w, build.Must(g.Bind(l.bias)))), nil
}

// newParam returns a parameter with initial values that depend on the seed and
// its name alone. The zero dtype is float32.
func newParam(name string, dt tensor.Dtype, seed uint64, init nn.Initializer, shape ...int) (*nn.Param, error) {
	return initializer.NewParam(name, dt, seed, init, shape...)
}
