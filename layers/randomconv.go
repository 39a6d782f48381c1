package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/nn/spectral"
)

// RandomConvConfig configures a RandomConv layer.
type RandomConvConfig struct {
	Name   string       // of the layer; its parameter is Name.weight
	In     int          // channels of a sample; at least 1
	Out    int          // channels that come out; at least 1
	Window []int        // sides of the filters: one for signals, two for images
	Dtype  tensor.Dtype // zero is float32
	Seed   uint64       // of the filters

	Weight nn.Initializer // nil is initializer.Normal{Std: 1}
}

// RandomConv gives signals or images more channels, by random filters that wrap around at
// the borders:
//
//	y = max(w ⋆ x, 0)
//
// so that the class of a sample can be recognised from its channels alone, whatever its shift: the layer commutes
// with circular shifts. Shapes: x n×C×T or n×C×H×W, out n×O×T or n×O×H×W. Parameter: Name.weight.
//
// Reference: Chan et al. ReduNet. JMLR 2022, § 4.2.
type RandomConv struct {
	cfg    RandomConvConfig
	weight *nn.Param
}

var _ Layer = (*RandomConv)(nil)

// NewRandomConv returns a layer with filters drawn from cfg.Seed.
func NewRandomConv(cfg RandomConvConfig) (*RandomConv, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: RandomConv: no Name, which the name of its parameter begins with")
	}
	if cfg.In < 1 || cfg.Out < 1 || len(cfg.Window) != 1 && len(cfg.Window) != 2 {
		return nil, errors.Errorf(
			"layers: RandomConv %q: %d channels in, %d out and filters %v, want at least 1, 1, and one side or two",
			cfg.Name, cfg.In, cfg.Out, cfg.Window)
	}
	if cfg.Weight == nil {
		cfg.Weight = initializer.Normal{Std: 1}
	}
	l := &RandomConv{cfg: cfg}
	var err error
	l.weight, err = newParam(cfg.Name+".weight", cfg.Dtype, cfg.Seed, cfg.Weight, append([]int{cfg.Out, cfg.In},
		cfg.Window...)...)
	return l, errors.WithMessagef(err, "layers: RandomConv %q", cfg.Name)
}

// Params implements Layer.
func (l *RandomConv) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	return []*nn.Param{l.weight}
}

// Forward implements Layer.
func (l *RandomConv) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("RandomConv")
	}
	defer build.Catch(&err, "layers: RandomConv %q", l.cfg.Name)
	return build.Must(nn.ReLU(build.Must(spectral.CircularCorrelate(x, build.Must(g.Bind(l.weight)))))), nil
}
