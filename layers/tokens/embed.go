package tokens

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// Patches returns the p×p patches of images, row by row of patches, each as one token: the
// numbers of a patch in the order of channel, row, column, as a convolution has them, or,
// with channelsLast, of row, column, channel. Shapes: x b×c×H×W, out b×(HW/p²)×cp². Errors:
// sides that are no multiples of p (nn.ErrInput).
func Patches(x *gorgonia.Node, p int, channelsLast bool) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: patches")
	if build.Rank(x) != 4 || p < 1 || x.Shape()[2]%p != 0 || x.Shape()[3]%p != 0 {
		return nil, errors.Wrapf(nn.ErrInput, "x is %v, want images, b×c×H×W, of sides that patches of %d divide",
			shapeOf(x), p)
	}
	b, c, rows, cols := x.Shape()[0], x.Shape()[1], x.Shape()[2]/p, x.Shape()[3]/p
	y = build.Must(nn.Reshape(x, b*c, rows, p, cols, p))
	y = build.Must(nn.Transpose(y, 0, 1, 3, 2, 4))
	y = build.Must(nn.Reshape(y, b, c, rows*cols, p*p))
	switch {
	case c == 1:
	case channelsLast:
		y = build.Must(nn.Transpose(y, 0, 2, 3, 1))
	default:
		y = build.Must(nn.Transpose(y, 0, 2, 1, 3))
	}
	return build.Must(nn.Reshape(y, b, rows*cols, c*p*p)), nil
}

// EmbedConfig configures an Embed layer.
type EmbedConfig struct {
	Image, Channels, Patch int // the side of images, which Patch divides; their channels
	Dim                    int // d, the numbers of a token
	Linear                 bool
	NoClass                bool // no token of the class before the others

	// Names of the parameters: Proj.weight and Proj.bias, or with Linear Proj.1 to Proj.3.
	Proj, Class, Position string
	Std                   float64 // of the class token and the positions at first; 0 is 1
	Dtype                 tensor.Dtype
	Seed                  uint64
}

// Embed makes tokens of images: a map of each patch, behind a token of the class, plus a
// vector for each place. The map is a convolution whose stride is its kernel, or, with
// Linear, LN–linear–LN of patches with the channels last. Shapes: x b×c×H×W, y b×(n+1)×d.
type Embed struct {
	cfg        EmbedConfig
	weight     *nn.Param // of the convolution
	bias       *nn.Param
	linear     layers.Sequential
	class, pos *nn.Param
}

var _ layers.Layer = (*Embed)(nil)

// NewEmbed returns a layer with initial values drawn from c.Seed.
func NewEmbed(c EmbedConfig) (l *Embed, err error) {
	defer build.Catch(&err, "tokens: Embed")
	if c.Image < 1 || c.Patch < 1 || c.Image%c.Patch != 0 || c.Channels < 1 || c.Dim < 1 {
		return nil, errors.Errorf("images of side %d with %d channels in patches of %d, tokens of %d numbers: want at "+
			"least 1 each, and patches that divide the image", c.Image, c.Channels, c.Patch, c.Dim)
	}
	build.Check(sizes.Check("the weights of patches", c.Dim, c.Channels, c.Patch, c.Patch))
	build.Check(sizes.Check("the positions", c.Image/c.Patch, c.Image/c.Patch, c.Dim))
	n := c.Image / c.Patch * (c.Image / c.Patch)
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	if c.Std == 0 {
		c.Std = 1
	}
	l = &Embed{cfg: c}
	param := func(name string, init nn.Initializer, shape ...int) *nn.Param {
		return build.Must(initializer.NewParam(name, c.Dtype, c.Seed, init, shape...))
	}
	in := c.Channels * c.Patch * c.Patch
	if c.Linear {
		norm := func(name string, dim int) layers.Layer {
			return build.Must(layers.NewLayerNorm(layers.LayerNormConfig{Name: name, Dim: dim, Dtype: c.Dtype}))
		}
		l.linear = layers.Sequential{norm(c.Proj+".1", in), build.Must(layers.NewLinear(layers.LinearConfig{
			Name: c.Proj + ".2", In: in, Out: c.Dim, Dtype: c.Dtype, Seed: c.Seed})), norm(c.Proj+".3", c.Dim)}
	} else {
		l.weight = param(c.Proj+".weight", initializer.KaimingUniform{}, c.Dim, c.Channels, c.Patch, c.Patch)
		l.bias = param(c.Proj+".bias", initializer.BiasUniform{FanIn: in}, c.Dim)
		l.bias.NoDecay = true
	}
	if !c.NoClass {
		l.class = param(c.Class, initializer.Normal{Std: c.Std}, 1, 1, c.Dim)
		n++
	}
	l.pos = param(c.Position, initializer.Normal{Std: c.Std}, 1, n, c.Dim)
	return l, nil
}

// Params implements layers.Layer.
func (l *Embed) Params() []*nn.Param {
	if l == nil || l.pos == nil {
		return nil
	}
	ps := []*nn.Param{l.pos}
	if l.class != nil {
		ps = append(ps, l.class)
	}
	if l.weight != nil {
		return append(ps, l.weight, l.bias)
	}
	return append(ps, l.linear.Params()...)
}

// Forward implements layers.Layer.
func (l *Embed) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: Embed")
	if l == nil || l.pos == nil {
		return nil, errors.New("not made by NewEmbed")
	}
	c := l.cfg
	if build.Rank(x) != 4 || x.Shape()[1] != c.Channels || x.Shape()[2] != c.Image || x.Shape()[3] != c.Image {
		return nil, errors.Wrapf(nn.ErrInput, "x is %v, want images, b×%d×%d×%d", shapeOf(x), c.Channels, c.Image,
			c.Image)
	}
	y = build.Must(Patches(x, c.Patch, c.Linear))
	if l.weight != nil {
		w := build.Must(nn.Reshape(build.Must(g.Bind(l.weight)), c.Dim, c.Channels*c.Patch*c.Patch))
		b, n := y.Shape()[0], y.Shape()[1]
		rows := build.Must(nn.Reshape(y, b*n, y.Shape()[2]))
		y = build.Must(nn.Linear(rows, w, build.Must(g.Bind(l.bias))))
		y = build.Must(nn.Reshape(y, b, n, c.Dim))
	} else {
		y = build.Must(Rows(g, l.linear, y))
	}
	if l.class != nil {
		if y, err = PrependClass(g, l.class, y); err != nil {
			return nil, err
		}
	}
	return build.Must(nn.Add(y, build.Must(g.Bind(l.pos)))), nil
}

// PrependClass returns the tokens x, b×n×d, of each sequence behind that of the class, a
// parameter of shape 1×1×d.
func PrependClass(g *nn.Graph, class *nn.Param, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: class token")
	if class == nil || build.Rank(x) != 3 {
		return nil, errors.Wrapf(nn.ErrInput, "a class token before %v, want a parameter and b×n×d", shapeOf(x))
	}
	own := build.Must(g.Bind(class))
	zeros := fixed(g, class.Name+".each", class.Value.Dtype(), func(int) float64 { return 0 }, x.Shape()[0], 1, 1)
	first := build.Must(nn.Add(zeros, own))
	return build.Must(nn.Concat(1, first, x)), nil
}
