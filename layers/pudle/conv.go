package pudle

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// ConvConfig configures a Conv. Its zero value, but for the Name, is the denoising network
// of the paper.
type ConvConfig struct {
	Name      string         // of the network; its parameter is Name.W
	In        int            // channels of the images; 0 is 1
	Filters   int            // channels of the code; 0 is 64
	Kernel    int            // rows and columns of a filter; 0 is 9
	Stride    int            // 0 is 4
	Layers    int            // T; 0 is 15
	Step      float64        // α; 0 is 0.1
	Lambda    float64        // λ; 0 is 0.1
	TwoSided  bool           // threshold codes of either sign; else they are not negative
	LearnBias bool           // learn a threshold for each filter, Name.b, which is αλ at first
	Untied    bool           // learn the encoder's analysis, Name.E, and synthesis, Name.D, apart from W
	Dtype     tensor.Dtype   // zero is float32
	Seed      uint64         // of the initial values
	Weight    nn.Initializer // nil is N(0, 1), divided by what Normalize divides by
}

// Conv is a Network of images, whose dictionary is all shifts of some filters: it codes all
// shifts of an image and averages what the codes stand for (csc.Shifts).
//
//	zₜ₊₁ = P(zₜ − α E(D zₜ − x))        x̂ = W z_T
//
// E is a convolution, D and W are transposed ones; all have the filters W, unless Untied.
//
// Shapes: x n×In×h×w, W, E and D Filters×In×Kernel×Kernel; z n·S²×Filters×oh×ow, of all
// shifts. Parameters: Name.W; Name.E and Name.D with Untied; Name.b with LearnBias,
// 1×Filters×1×1 and exempt from weight decay.
//
// **One step of:** ISTA with the step α on ½‖x − Wz‖² + λ‖z‖₁, exactly, while E, D and W are
// equal; for z ≥ 0 unless TwoSided.
type Conv struct {
	cfg     ConvConfig
	w, e, d *nn.Param
	b       *nn.Param // the threshold; bound but not listed unless it is learned
}

var _ layers.Layer = (*Conv)(nil)

// NewConv returns a network with initial values drawn from cfg.Seed.
func NewConv(cfg ConvConfig) (_ *Conv, err error) {
	defer build.Catch(&err, "pudle: Conv %q", cfg.Name)
	cfg.In, cfg.Filters, cfg.Kernel = cmp.Or(cfg.In, 1), cmp.Or(cfg.Filters, 64), cmp.Or(cfg.Kernel, 9)
	cfg.Stride, cfg.Layers = cmp.Or(cfg.Stride, 4), cmp.Or(cfg.Layers, 15)
	cfg.Step, cfg.Lambda = cmp.Or(cfg.Step, 0.1), cmp.Or(cfg.Lambda, 0.1)
	build.Check(checkImages(cfg.Name, cfg.In, cfg.Filters, cfg.Kernel, cfg.Stride, cfg.Layers))
	if !above0(cfg.Step) || !above0(cfg.Lambda) {
		return nil, errors.Errorf("Step %v and Lambda %v, want them above 0", cfg.Step, cfg.Lambda)
	}
	n := &Conv{cfg: cfg}
	n.w = build.Must(filters(cfg.Name+".W", cfg.Dtype, cfg.Seed, cfg.Weight, cfg.Filters, cfg.In, cfg.Kernel))
	n.e, n.d = n.w, n.w
	if cfg.Untied {
		n.e = build.Must(copied(n.w, cfg.Name+".E"))
		n.d = build.Must(copied(n.w, cfg.Name+".D"))
	}
	n.b = build.Must(initializer.NewParam(cfg.Name+".b", cfg.Dtype, 0,
		initializer.Constant{Value: cfg.Step * cfg.Lambda}, 1, cfg.Filters, 1, 1))
	n.b.NoDecay = true
	return n, nil
}

func above0(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

func checkImages(name string, in, filters, kernel, stride, depth int) error {
	switch {
	case name == "":
		return errors.New("no Name, which the names of its parameters begin with")
	case min(in, filters, kernel, stride) < 1 || stride > min(kernel, 16):
		return errors.Errorf("%d Filters of %d×%d, stride %d, for images of %d channels: want at least 1 each, and "+
			"a stride that leaves out no pixel, at most 16", filters, kernel, kernel, stride, in)
	case depth < 1 || depth > sizes.MostLayers:
		return errors.Errorf("%d Layers, want 1 to %d", depth, sizes.MostLayers)
	}
	return sizes.Check("the filters", filters, in, kernel, kernel)
}

// filters returns a parameter of filters, of unit norm if init is nil.
func filters(name string, dt tensor.Dtype, seed uint64, init nn.Initializer, n, in, kernel int) (*nn.Param, error) {
	given := init
	if init == nil {
		init = initializer.Normal{Std: 1}
	}
	p, err := initializer.NewParam(name, dt, seed, init, n, in, kernel, kernel)
	if err != nil || given != nil {
		return p, err
	}
	return p, normalize(p, 0, float64(in))
}

// copied returns another parameter with the values of p.
func copied(p *nn.Param, name string) (q *nn.Param, err error) {
	if q, err = nn.NewParam(name, p.Value.Dtype(), p.Value.Shape()...); err != nil {
		return nil, err
	}
	v, err := nn.Floats(nil, p.Value)
	if err != nil {
		return nil, err
	}
	return q, nn.SetFloats(q.Value, v)
}

// Normalize divides every filter of W by its norm and by the channels of the images, as the
// authors do. The paper's denoising is trained without. Errors: ErrInput for a filter of 0.
func (n *Conv) Normalize() error {
	if n == nil || n.w == nil {
		return errors.New("pudle: Normalize: not a network of NewConv")
	}
	return errors.WithMessagef(normalize(n.w, 0, float64(n.cfg.In)), "pudle: Conv %q", n.cfg.Name)
}

// Shifts returns how the network moves the images.
func (n *Conv) Shifts() csc.Shifts {
	if n == nil {
		return csc.Shifts{}
	}
	return csc.Shifts{Kernel: n.cfg.Kernel, Stride: n.cfg.Stride}
}

// Codes returns z₁, …, z_T of all shifts of the images x.
func (n *Conv) Codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes, err error) {
	if n == nil || n.w == nil {
		return nil, errors.New("pudle: Conv: not made by NewConv")
	}
	defer build.Catch(&err, "pudle: Conv %q", n.cfg.Name)
	return n.codes(g, x), nil
}

func (n *Conv) codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes) {
	x = shifted(n.Shifts(), x, n.cfg.In)
	e, d := build.Must(g.Bind(n.e)), build.Must(g.Bind(n.d))
	theta := build.Must(nn.Reshape(build.Must(g.Bind(n.b)), 1, n.cfg.Filters, 1, 1))
	u := build.Must(conv.Conv2D(x, e, nil, n.Shifts().Geometry()))
	z := threshold(build.Must(nn.Scale(u, n.cfg.Step)), theta, n.cfg.TwoSided)
	zs = append(zs, z)
	for range n.cfg.Layers - 1 {
		r := build.Must(conv.ConvTranspose2DTo(z, d, n.Shifts().Geometry(), x.Shape()[2], x.Shape()[3]))
		u = build.Must(conv.Conv2D(build.Must(nn.Sub(r, x)), e, nil, n.Shifts().Geometry()))
		z = threshold(build.Must(nn.Sub(z, build.Must(nn.Scale(u, n.cfg.Step)))), theta, n.cfg.TwoSided)
		zs = append(zs, z)
	}
	return zs
}

// shifted returns all shifts of images of so many channels.
func shifted(s csc.Shifts, x *gorgonia.Node, channels int) *gorgonia.Node {
	if build.Rank(x) != 4 || x.Shape()[1] != channels {
		build.Check(errors.Wrapf(nn.ErrInput, "want images n×%d×h×w", channels))
	}
	return build.Must(s.Apply(x))
}

// threshold is P with a threshold for each channel, 1×c×1×1: ReLU(v − θ), minus ReLU(−v − θ)
// for both signs.
func threshold(v, theta *gorgonia.Node, twoSided bool) *gorgonia.Node {
	z := build.Must(nn.ReLU(build.Must(nn.Sub(v, theta))))
	if !twoSided {
		return z
	}
	minus := build.Must(nn.Sub(build.Must(nn.Scale(v, -1)), theta))
	return build.Must(nn.Sub(z, build.Must(nn.ReLU(minus))))
}

// Forward implements layers.Layer: x̂.
func (n *Conv) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if n == nil || n.w == nil {
		return nil, errors.New("pudle: Conv: not made by NewConv")
	}
	defer build.Catch(&err, "pudle: Conv %q", n.cfg.Name)
	zs := n.codes(g, x)
	y = build.Must(conv.ConvTranspose2D(zs[len(zs)-1], build.Must(g.Bind(n.w)), nil, n.Shifts().Geometry(), [2]int{}))
	return build.Must(n.Shifts().Mean(y, x.Shape()[2], x.Shape()[3])), nil
}

// Params implements layers.Layer.
func (n *Conv) Params() []*nn.Param {
	if n == nil || n.w == nil {
		return nil
	}
	ps := []*nn.Param{n.w}
	if n.cfg.Untied {
		ps = append(ps, n.e, n.d)
	}
	if n.cfg.LearnBias {
		ps = append(ps, n.b)
	}
	return ps
}

// Config returns the settings of the network.
func (n *Conv) Config() ConvConfig {
	if n == nil {
		return ConvConfig{}
	}
	return n.cfg
}
