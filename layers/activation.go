package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/activation"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// Tanh is tanh x, element by element. Shapes: x of any rank.
type Tanh struct{}

// Sigmoid is 1/(1 + e⁻ˣ), element by element. Shapes: x of any rank.
type Sigmoid struct{}

// SiLU is x/(1 + e⁻ˣ), element by element. Shapes: x of any rank.
type SiLU struct{}

// Softplus is log(1 + eˣ), element by element. Shapes: x of any rank.
type Softplus struct{}

// GELU is x·Φ(x), element by element, where Φ is the distribution function of the standard normal distribution; with
// Tanh it is the approximation by tanh. Shapes: x of any rank.
type GELU struct {
	Tanh bool // by tanh, as with PyTorch's approximate="tanh"
}

// LeakyReLU is x where x > 0 and Slope·x elsewhere, element by element. Shapes: x of any
// rank.
type LeakyReLU struct {
	Slope float64 // 0 is 0.01
}

// PReLUConfig configures a PReLU layer.
type PReLUConfig struct {
	Name  string       // of the layer; its parameter is Name.weight
	Dim   int          // the length of the last axis, for a slope of each column; 0 is 1, one for all
	Slope float64      // at first; 0 is 0.25
	Dtype tensor.Dtype // zero is float32
}

// PReLU is x where x > 0 and a·x elsewhere, for a slope a that is learned: one number, or
// one for each column. Shapes: x of any rank with last axis Dim, or any where that is 1.
// Parameter: Name.weight, exempt from weight decay, which would pull it to ReLU.
//
// Reference: He, Zhang, Ren, Sun. Delving deep into rectifiers. ICCV 2015.
type PReLU struct {
	cfg    PReLUConfig
	weight *nn.Param
}

var (
	_ Layer = Tanh{}
	_ Layer = Sigmoid{}
	_ Layer = SiLU{}
	_ Layer = Softplus{}
	_ Layer = GELU{}
	_ Layer = LeakyReLU{}
	_ Layer = (*PReLU)(nil)
)

// NewPReLU returns a layer with the slope that cfg says.
func NewPReLU(cfg PReLUConfig) (*PReLU, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: PReLU: no Name, which the name of its parameter begins with")
	}
	if cfg.Dim < 0 || cfg.Slope-cfg.Slope != 0 {
		return nil, errors.Errorf("layers: PReLU %q: Dim is %d and Slope %v, want 0 or more, and a finite number",
			cfg.Name, cfg.Dim, cfg.Slope)
	}
	cfg.Dim = max(cfg.Dim, 1)
	if cfg.Slope == 0 {
		cfg.Slope = 0.25
	}
	l := &PReLU{cfg: cfg}
	var err error
	start := initializer.Constant{Value: cfg.Slope}
	if l.weight, err = newParam(cfg.Name+".weight", cfg.Dtype, 0, start, cfg.Dim); err != nil {
		return nil, errors.WithMessagef(err, "layers: PReLU %q", cfg.Name)
	}
	l.weight.NoDecay = true
	return l, nil
}

// Params implements Layer: there are none.
func (Tanh) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (Sigmoid) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (SiLU) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (Softplus) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (GELU) Params() []*nn.Param { return nil }

// Params implements Layer: there are none.
func (LeakyReLU) Params() []*nn.Param { return nil }

// Params implements Layer.
func (l *PReLU) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	return []*nn.Param{l.weight}
}

// Config returns the settings of the layer.
func (l *PReLU) Config() PReLUConfig {
	if l == nil || l.weight == nil {
		return PReLUConfig{}
	}
	return l.cfg
}

// Forward implements Layer.
func (Tanh) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: Tanh")
	return build.Must(nn.Tanh(x)), nil
}

// Forward implements Layer.
func (Sigmoid) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: Sigmoid")
	return build.Must(activation.Sigmoid(x)), nil
}

// Forward implements Layer.
func (SiLU) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: SiLU")
	return build.Must(activation.SiLU(x)), nil
}

// Forward implements Layer.
func (Softplus) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: Softplus")
	return build.Must(activation.Softplus(x)), nil
}

// Forward implements Layer.
func (l GELU) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: GELU")
	if l.Tanh {
		return build.Must(activation.GELUTanh(x)), nil
	}
	return build.Must(activation.GELU(x)), nil
}

// Forward implements Layer.
func (l LeakyReLU) Forward(_ *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "layers: LeakyReLU")
	if l.Slope == 0 {
		l.Slope = 0.01
	}
	return build.Must(activation.LeakyReLU(x, l.Slope)), nil
}

// Forward implements Layer.
func (l *PReLU) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("PReLU")
	}
	defer build.Catch(&err, "layers: PReLU %q", l.cfg.Name)
	return build.Must(activation.PReLU(x, build.Must(g.Bind(l.weight)))), nil
}
