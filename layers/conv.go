package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// ConvConfig configures a Conv2D or a ConvTranspose2D layer.
type ConvConfig struct {
	Name   string // of the layer; its parameters are Name.weight and Name.bias
	In     int    // channels of the input; at least 1
	Out    int    // channels of the output; at least 1
	Kernel [2]int // rows and columns of a filter; at least 1. See conv.Pair
	conv.Geometry

	PadMode       conv.PadMode // what is put around an image; zeros
	OutputPadding [2]int       // of a ConvTranspose2D: more rows and columns of its output, below the stride
	NoBias        bool         // leave out b
	Dtype         tensor.Dtype // zero is float32
	Seed          uint64       // of the initial values; see nn.Rand

	Weight nn.Initializer // nil is initializer.KaimingUniform
	Bias   nn.Initializer // nil is initializer.BiasUniform
}

// Conv2D is a convolution of images; see conv.Conv2D for the formula:
//
//	y = w ∗ x + b
//
// Shapes: x n×In×h×w, w Out×(In/Groups)×Kernel, b Out, y n×Out×oh×ow. Parameters:
// Name.weight, and Name.bias, which is exempt from weight decay.
type Conv2D struct{ filters }

// ConvTranspose2D is the adjoint of a convolution, with a bias added; see
// conv.ConvTranspose2D:
//
//	y = wᵀ ∗ x + b
//
// Shapes: x n×In×h×w, w In×(Out/Groups)×Kernel, b Out, y n×Out×H×W. Parameters: as Conv2D. It pads with zeros.
type ConvTranspose2D struct{ filters }

// filters are the parameters that both layers have.
type filters struct {
	cfg          ConvConfig
	weight, bias *nn.Param // bias is nil without one
}

var (
	_ Layer = (*Conv2D)(nil)
	_ Layer = (*ConvTranspose2D)(nil)
)

// NewConv2D returns a layer with initial values drawn from cfg.Seed.
func NewConv2D(cfg ConvConfig) (*Conv2D, error) {
	if cfg.OutputPadding != [2]int{} {
		return nil, errors.Errorf("layers: Conv2D %q: OutputPadding is %v, which is for a ConvTranspose2D", cfg.Name,
			cfg.OutputPadding)
	}
	f, err := newFilters(cfg, "Conv2D", cfg.Out, cfg.In)
	if err != nil {
		return nil, err
	}
	return &Conv2D{*f}, nil
}

// NewConvTranspose2D returns a layer with initial values drawn from cfg.Seed.
func NewConvTranspose2D(cfg ConvConfig) (*ConvTranspose2D, error) {
	if cfg.PadMode != conv.PadZeros {
		return nil, errors.Errorf("layers: ConvTranspose2D %q: PadMode is %v, want zeros", cfg.Name, cfg.PadMode)
	}
	f, err := newFilters(cfg, "ConvTranspose2D", cfg.In, cfg.Out)
	if err != nil {
		return nil, err
	}
	return &ConvTranspose2D{*f}, nil
}

// newFilters makes first×(second/G)×Kernel filters.
func newFilters(cfg ConvConfig, kind string, first, second int) (*filters, error) {
	if cfg.Name == "" {
		return nil, errors.Errorf("layers: %s: no Name, which the names of its parameters begin with", kind)
	}
	if min(cfg.In, cfg.Out, cfg.Kernel[0], cfg.Kernel[1]) < 1 {
		return nil, errors.Errorf("layers: %s %q: %d channels in, %d out and filters of %v, want at least 1 each", kind,
			cfg.Name, cfg.In, cfg.Out, cfg.Kernel)
	}
	if cfg.Groups == 0 {
		cfg.Groups = 1
	}
	if cfg.Groups < 1 || cfg.In%cfg.Groups != 0 || cfg.Out%cfg.Groups != 0 {
		return nil, errors.Errorf("layers: %s %q: %d channels in and %d out do not divide into %d groups", kind,
			cfg.Name, cfg.In, cfg.Out, cfg.Groups)
	}
	if cfg.Weight == nil {
		cfg.Weight = initializer.KaimingUniform{}
	}
	if cfg.Bias == nil {
		cfg.Bias = initializer.BiasUniform{FanIn: second / cfg.Groups * cfg.Kernel[0] * cfg.Kernel[1]}
	}
	f := &filters{cfg: cfg}
	var err error
	if f.weight, err = newParam(cfg.Name+".weight", cfg.Dtype, cfg.Seed, cfg.Weight, first, second/cfg.Groups,
		cfg.Kernel[0], cfg.Kernel[1]); err != nil {
		return nil, errors.WithMessagef(err, "layers: %s %q", kind, cfg.Name)
	}
	if cfg.NoBias {
		return f, nil
	}
	if f.bias, err = newParam(cfg.Name+".bias", cfg.Dtype, cfg.Seed, cfg.Bias, cfg.Out); err != nil {
		return nil, errors.WithMessagef(err, "layers: %s %q", kind, cfg.Name)
	}
	f.bias.NoDecay = true
	return f, nil
}

// Params implements Layer.
func (f *filters) Params() []*nn.Param {
	if f == nil || f.weight == nil {
		return nil
	}
	if f.bias == nil {
		return []*nn.Param{f.weight}
	}
	return []*nn.Param{f.weight, f.bias}
}

// bind returns w and b, which is nil without one.
func (f *filters) bind(g *nn.Graph) (w, b *gorgonia.Node, err error) {
	if w, err = g.Bind(f.weight); err != nil || f.bias == nil {
		return w, nil, err
	}
	b, err = g.Bind(f.bias)
	return w, b, err
}

// Forward implements Layer.
func (l *Conv2D) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("Conv2D")
	}
	defer build.Catch(&err, "layers: Conv2D %q", l.cfg.Name)
	c := l.cfg.Geometry
	if l.cfg.PadMode != conv.PadZeros {
		x = build.Must(conv.Pad(x, l.cfg.PadMode, conv.Padding{Top: c.Padding[0], Bottom: c.Padding[0],
			Left: c.Padding[1], Right: c.Padding[1]}))
		c.Padding = [2]int{}
	}
	w, b, err := l.bind(g)
	if err != nil {
		return nil, err
	}
	return build.Must(conv.Conv2D(x, w, b, c)), nil
}

// Forward implements Layer.
func (l *ConvTranspose2D) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("ConvTranspose2D")
	}
	defer build.Catch(&err, "layers: ConvTranspose2D %q", l.cfg.Name)
	w, b, err := l.bind(g)
	if err != nil {
		return nil, err
	}
	return build.Must(conv.ConvTranspose2D(x, w, b, l.cfg.Geometry, l.cfg.OutputPadding)), nil
}
