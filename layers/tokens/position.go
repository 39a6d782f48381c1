package tokens

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// PositionConfig configures a FourierPosition layer.
type PositionConfig struct {
	Name        string
	Dim         int     // d, the numbers of a token
	Hidden      int     // sines and cosines of a row, and of a column; even
	Temperature float64 // 0 is 10000
	Dtype       tensor.Dtype
	Seed        uint64
}

// FourierPosition is a vector for each place of an image, a linear map of sines and cosines
// of its row and column, at frequencies T^(−2⌊t/2⌋/Hidden), t < Hidden, of angles from 0 to
// 2π. Parameters: Name.token_projection.weight (d×2Hidden×1×1) and .bias.
type FourierPosition struct {
	cfg          PositionConfig
	weight, bias *nn.Param
}

// NewFourierPosition returns a layer with initial values drawn from c.Seed.
func NewFourierPosition(c PositionConfig) (l *FourierPosition, err error) {
	defer build.Catch(&err, "tokens: FourierPosition")
	if c.Name == "" || c.Dim < 1 || c.Hidden < 2 || c.Hidden%2 != 0 || !(c.Temperature >= 0) {
		return nil, errors.Errorf("%q: Dim is %d, Hidden %d and Temperature %v, want a name, at least 1, an even "+
			"number and 0 or more", c.Name, c.Dim, c.Hidden, c.Temperature)
	}
	if c.Temperature == 0 {
		c.Temperature = 1e4
	}
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	build.Check(sizes.Check("the weights", c.Dim, 2, c.Hidden))
	l = &FourierPosition{cfg: c}
	name := c.Name + ".token_projection"
	l.weight = build.Must(initializer.NewParam(name+".weight", c.Dtype, c.Seed, initializer.KaimingUniform{}, c.Dim,
		2*c.Hidden, 1, 1))
	l.bias = build.Must(initializer.NewParam(name+".bias", c.Dtype, c.Seed,
		initializer.BiasUniform{FanIn: 2 * c.Hidden}, c.Dim))
	l.bias.NoDecay = true
	return l, nil
}

// Params returns the parameters.
func (l *FourierPosition) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	return []*nn.Param{l.weight, l.bias}
}

// Positions adds the vectors of all places of an image of tokens to the graph, row by row:
// rows·cols × d.
func (l *FourierPosition) Positions(g *nn.Graph, rows, cols int) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: FourierPosition")
	if l == nil || l.weight == nil || rows < 1 || cols < 1 {
		return nil, errors.Errorf("positions of %d×%d tokens, want at least 1 each, and a layer that "+
			"NewFourierPosition made", rows, cols)
	}
	c := l.cfg
	build.Check(sizes.Check("the waves", rows, cols, 2*c.Hidden))
	waves := fixed(g, c.Name+".waves", c.Dtype, func(i int) float64 {
		t, place := i%(2*c.Hidden), i/(2*c.Hidden)
		at, size := place/cols+1, rows
		if t >= c.Hidden {
			t, at, size = t-c.Hidden, place%cols+1, cols
		}
		angle := float64(at) / (float64(size) + 1e-6) * 2 * math.Pi
		angle /= math.Pow(c.Temperature, float64(2*(t/2))/float64(c.Hidden))
		if t%2 == 0 {
			return math.Sin(angle)
		}
		return math.Cos(angle)
	}, rows*cols, 2*c.Hidden)
	w := build.Must(nn.Reshape(build.Must(g.Bind(l.weight)), c.Dim, 2*c.Hidden))
	return build.Must(nn.Linear(waves, w, build.Must(g.Bind(l.bias)))), nil
}
