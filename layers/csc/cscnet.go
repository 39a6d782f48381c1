package csc

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// CSCNetConfig configures a CSCNet. Its zero value, but for the Name, is the paper's.
type CSCNetConfig struct {
	Name       string       // of the network: its parameters are Name.apply_A.weight and so on
	In         int          // channels of the images; 0 is 1
	Filters    int          // channels of the code; 0 is 175
	Kernel     int          // rows and columns of a filter; 0 is 11
	Stride     int          // 0 is 8
	Unfoldings int          // K, the number of codes; 0 is 12
	Threshold  float64      // τ at first; 0 is 0.01
	Clamp      bool         // count a threshold below 0 as 0; else as the authors' code does, see CSCNet
	Dtype      tensor.Dtype // zero is float32
	Seed       uint64       // of the initial values
}

// CSCNet removes noise from images: it codes all shifts of an image by convolutional ISTA with learned filters, and
// averages the images that the codes synthesize.
//
//	γ₁ = S_τ(B y)        γₖ₊₁ = S_τ(γₖ − B(A γₖ − y))        x̂ = C γ_K
//
// A and C are transposed convolutions, B is a convolution, and τ has a threshold for each
// filter. S is soft thresholding; where τ < 0 it is what the authors' code computes, x +
// |τ| sgn(x) beyond |τ| and 2x below it, unless Clamp is set.
//
// Shapes: y and x̂ n×In×h×w; the code n·S²×Filters×oh×ow, of all shifts. Parameters:
// Name.apply_A.weight, Name.apply_B.weight and Name.apply_C.weight, Filters×In×Kernel×Kernel,
// and Name.soft_threshold.threshold, 1×Filters×1×1, which is exempt from weight decay. At
// first all filters are the same Gaussian ones, divided by the square root of the largest
// eigenvalue of CB: of images of 7 strides and a kernel, by power iteration.
//
// **One step of:** ISTA with the step 1 on ½‖Aγ − y‖² + τᵀ|γ|, exactly, until trained: then
// B = Aᵀ, and ‖A‖ ≤ 1.
//
// Reference: Simon, Elad. Rethinking the CSC model for natural images. NeurIPS 2019.
type CSCNet struct {
	cfg        CSCNetConfig
	a, b, c, t *nn.Param
}

var _ layers.Layer = (*CSCNet)(nil)

// mostWeights is how many numbers the filters of a CSCNet may have, fifty times those of the
// paper's.
const mostWeights = 1 << 20

// NewCSCNet returns a network with initial values drawn from cfg.Seed.
func NewCSCNet(cfg CSCNetConfig) (_ *CSCNet, err error) {
	defer build.Catch(&err, "csc: CSCNet %q", cfg.Name)
	cfg.In, cfg.Filters, cfg.Kernel = cmp.Or(cfg.In, 1), cmp.Or(cfg.Filters, 175), cmp.Or(cfg.Kernel, 11)
	cfg.Stride, cfg.Unfoldings = cmp.Or(cfg.Stride, 8), cmp.Or(cfg.Unfoldings, 12)
	cfg.Threshold = cmp.Or(cfg.Threshold, 0.01)
	build.Check(cfg.check())
	n := &CSCNet{cfg: cfg}
	normal := initializer.Normal{Std: 1}
	shape := []int{cfg.Filters, cfg.In, cfg.Kernel, cfg.Kernel}
	n.a = build.Must(initializer.NewParam(cfg.Name+".apply_A.weight", cfg.Dtype, cfg.Seed, normal, shape...))
	build.Check(shrinkToUnitNorm(n.a, n.Shifts().Geometry(), cfg.Kernel+7*cfg.Stride))
	copied := func(name string) *nn.Param {
		p := build.Must(nn.NewParam(cfg.Name+name, n.a.Value.Dtype(), shape...))
		build.Check(nn.SetFloats(p.Value, build.Must(nn.Floats(nil, n.a.Value))))
		return p
	}
	n.b, n.c = copied(".apply_B.weight"), copied(".apply_C.weight")
	n.t = build.Must(initializer.NewParam(cfg.Name+".soft_threshold.threshold", cfg.Dtype, 0,
		initializer.Constant{Value: cfg.Threshold}, 1, cfg.Filters, 1, 1))
	n.t.NoDecay = true
	return n, nil
}

func (c CSCNetConfig) check() error {
	switch {
	case c.Name == "":
		return errors.New("no Name, which the names of its parameters begin with")
	case min(c.In, c.Filters, c.Kernel, c.Stride) < 1:
		return errors.Errorf("%d Filters of %d×%d, stride %d, for images of %d channels: want at least 1 each",
			c.Filters, c.Kernel, c.Kernel, c.Stride, c.In)
	case c.Stride > mostStride || c.Stride > c.Kernel:
		return errors.Errorf("a Stride of %d with filters of %d×%d, want at most %d, and no pixel left out", c.Stride,
			c.Kernel, c.Kernel, mostStride)
	case c.Unfoldings < 1 || c.Unfoldings > sizes.MostLayers:
		return errors.Errorf("%d Unfoldings, want 1 to %d", c.Unfoldings, sizes.MostLayers)
	case math.IsNaN(c.Threshold) || math.IsInf(c.Threshold, 0):
		return errors.Errorf("a Threshold of %v, want a finite one", c.Threshold)
	}
	if n, ok := sizes.Product(c.Filters, c.In, c.Kernel, c.Kernel); !ok || n > mostWeights {
		return errors.Errorf("%d Filters of %d×%d for images of %d channels, want at most "+
			"%d weights: use fewer or smaller "+
			"ones", c.Filters, c.Kernel, c.Kernel, c.In, mostWeights)
	}
	return nil
}

// Shifts returns how the network moves the images.
func (n *CSCNet) Shifts() Shifts {
	if n == nil {
		return Shifts{}
	}
	return Shifts{Kernel: n.cfg.Kernel, Stride: n.cfg.Stride}
}

// Codes returns γ₁, …, γ_K of all shifts of the images y.
func (n *CSCNet) Codes(g *nn.Graph, y *gorgonia.Node) (codes gorgonia.Nodes, err error) {
	if n == nil || n.a == nil {
		return nil, notMade("CSCNet")
	}
	defer build.Catch(&err, "csc: CSCNet %q", n.cfg.Name)
	return n.codes(g, y), nil
}

func (n *CSCNet) codes(g *nn.Graph, y *gorgonia.Node) (codes gorgonia.Nodes) {
	if build.Rank(y) != 4 || y.Shape()[1] != n.cfg.In {
		build.Check(errors.Wrapf(nn.ErrInput, "want images n×%d×h×w", n.cfg.In))
	}
	y = build.Must(n.Shifts().Apply(y))
	a, b := build.Must(g.Bind(n.a)), build.Must(g.Bind(n.b))
	theta := build.Must(nn.Reshape(build.Must(g.Bind(n.t)), n.cfg.Filters))
	if n.cfg.Clamp {
		theta = build.Must(nn.ReLU(theta))
	}
	minus := build.Must(nn.Scale(theta, -1))
	z := build.Must(shrunk(build.Must(conv.Conv2D(y, b, nil, n.Shifts().Geometry())), minus))
	codes = append(codes, z)
	for range n.cfg.Unfoldings - 1 {
		r := build.Must(conv.ConvTranspose2DTo(z, a, n.Shifts().Geometry(), y.Shape()[2], y.Shape()[3]))
		u := build.Must(conv.Conv2D(build.Must(nn.Sub(r, y)), b, nil, n.Shifts().Geometry()))
		z = build.Must(shrunk(build.Must(nn.Sub(z, u)), minus))
		codes = append(codes, z)
	}
	return codes
}

// shrunk returns the soft threshold of images by a threshold a channel, of which minus is the
// negative: ReLU(v − τ) − ReLU(−v − τ).
func shrunk(v, minus *gorgonia.Node) (_ *gorgonia.Node, err error) {
	defer build.Catch(&err, "soft threshold")
	above := build.Must(nn.ReLU(build.Must(conv.AddBias(v, minus))))
	below := build.Must(nn.ReLU(build.Must(conv.AddBias(build.Must(nn.Scale(v, -1)), minus))))
	return build.Must(nn.Sub(above, below)), nil
}

// Forward implements layers.Layer: x̂, images without the noise.
func (n *CSCNet) Forward(g *nn.Graph, y *gorgonia.Node) (x *gorgonia.Node, err error) {
	if n == nil || n.a == nil {
		return nil, notMade("CSCNet")
	}
	defer build.Catch(&err, "csc: CSCNet %q", n.cfg.Name)
	codes := n.codes(g, y)
	x = build.Must(conv.ConvTranspose2D(codes[len(codes)-1], build.Must(g.Bind(n.c)), nil, n.Shifts().Geometry(),
		[2]int{}))
	return build.Must(n.Shifts().Mean(x, y.Shape()[2], y.Shape()[3])), nil
}

// Params implements layers.Layer.
func (n *CSCNet) Params() []*nn.Param {
	if n == nil || n.a == nil {
		return nil
	}
	return []*nn.Param{n.a, n.b, n.c, n.t}
}

// Config returns the settings of the network.
func (n *CSCNet) Config() CSCNetConfig {
	if n == nil {
		return CSCNetConfig{}
	}
	return n.cfg
}
