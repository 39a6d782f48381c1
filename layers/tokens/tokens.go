// Package tokens has the layers of transformers, white boxes and others: each takes and
// returns a batch of sequences, b×n×d, of which tokens are rows.
//
//	MSSA, ISTA              CRATE: a step of compression, a step of sparsification
//	Overcomplete            CRATE-α: two steps on an overcomplete dictionary
//	TokenStatistics         ToST: attention by second moments, linear in n
//	CausalTokenStatistics   the same of the tokens so far
//	SelfAttention, ClassAttention, MLP   of the black box
//
// Names of parameters below a layer's own are the authors', so that their files load.
package tokens

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// Config configures a layer of this package; what a layer does not need it ignores.
type Config struct {
	Name    string       // of the layer, which the names of its parameters begin with
	Dim     int          // d, the numbers of a token
	Heads   int          // h; 0 is 1
	HeadDim int          // p, the numbers of a head; 0 is Dim/Heads
	Hidden  int          // of an MLP, or the atoms of a dictionary; 0 is 4·Dim
	Length  int          // the most tokens of a causal layer that has a bias for each
	Causal  bool         // token i meets the tokens up to i
	NoBias  bool         // of the projections
	Step    float64      // η of a step; 0 is 0.1
	Lambda  float64      // λ of a step; 0 is 0.1, below 0 is none
	Dtype   tensor.Dtype // zero is float32
	Seed    uint64       // of the initial values
}

// withDefaults returns c complete. Errors: sizes that do not fit.
func (c Config) withDefaults(kind string) (Config, error) {
	if c.Name == "" {
		return c, errors.Errorf("tokens: %s: no Name, which the names of its parameters begin with", kind)
	}
	c.Heads = max(c.Heads, 1)
	if c.Dim < 1 || c.HeadDim < 0 || c.Hidden < 0 || c.HeadDim == 0 && c.Dim%c.Heads != 0 {
		return c, errors.Errorf("tokens: %s %q: tokens of %d numbers and %d heads of %d, want at least 1, and heads "+
			"that divide them unless HeadDim is set", kind, c.Name, c.Dim, c.Heads, c.HeadDim)
	}
	if c.HeadDim == 0 {
		c.HeadDim = c.Dim / c.Heads
	}
	if c.Hidden == 0 {
		c.Hidden = 4 * c.Dim
	}
	if err := sizes.Check("tokens: "+kind+" "+c.Name+": the weights", c.Heads, c.HeadDim, c.Dim); err != nil {
		return c, err
	}
	if err := sizes.Check("tokens: "+kind+" "+c.Name+": the weights", max(c.Hidden, 1), c.Dim); err != nil {
		return c, err
	}
	if c.Step-c.Step != 0 || c.Lambda-c.Lambda != 0 || c.Step < 0 {
		return c, errors.Errorf("tokens: %s %q: Step is %v and Lambda %v, want finite numbers", kind, c.Name, c.Step,
			c.Lambda)
	}
	if c.Step == 0 {
		c.Step = 0.1
	}
	switch {
	case c.Lambda == 0:
		c.Lambda = 0.1
	case c.Lambda < 0:
		c.Lambda = 0
	}
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	return c, nil
}

// A made is the common part of the layers: their settings and parts.
type made struct {
	kind  string
	cfg   Config
	parts layers.Sequential // with parameters
	own   []*nn.Param
}

// Config returns the settings of the layer, complete.
func (m *made) Config() Config {
	if m == nil {
		return Config{}
	}
	return m.cfg
}

// Params implements layers.Layer.
func (m *made) Params() []*nn.Param {
	if m == nil {
		return nil
	}
	return append(append([]*nn.Param(nil), m.own...), m.parts.Params()...)
}

func newMade(kind string, c Config) (made, error) {
	c, err := c.withDefaults(kind)
	return made{kind: kind, cfg: c}, err
}

// linear adds a projection.
func (m *made) linear(name string, in, out int, noBias bool) *layers.Linear {
	l, err := layers.NewLinear(layers.LinearConfig{Name: m.cfg.Name + "." + name, In: in, Out: out, NoBias: noBias,
		Dtype: m.cfg.Dtype, Seed: m.cfg.Seed})
	build.Check(err)
	m.parts = append(m.parts, l)
	return l
}

// param adds a parameter.
func (m *made) param(name string, init nn.Initializer, shape ...int) *nn.Param {
	p := build.Must(initializer.NewParam(m.cfg.Name+"."+name, m.cfg.Dtype, m.cfg.Seed, init, shape...))
	m.own = append(m.own, p)
	return p
}

// input checks that x is b×n×d.
func (m *made) input(x *gorgonia.Node) (b, n int, err error) {
	if m == nil || m.kind == "" {
		return 0, 0, errors.New("tokens: a layer that its New function did not make")
	}
	if build.Rank(x) != 3 || x.Shape()[2] != m.cfg.Dim {
		return 0, 0, errors.Wrapf(nn.ErrInput, "tokens: %s %q: x is %v, want sequences of tokens, b×n×%d", m.kind,
			m.cfg.Name, shapeOf(x), m.cfg.Dim)
	}
	return x.Shape()[0], x.Shape()[1], nil
}

// errNil reports a method of no layer.
var errNil = errors.New("no layer")

// Rows applies a layer of samples to each token of x, b×n×d.
func Rows(g *nn.Graph, l layers.Layer, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens")
	if given.Nil(l) || build.Rank(x) != 3 {
		return nil, errors.Wrapf(nn.ErrInput, "rows of %v, want b×n×d and a layer", shapeOf(x))
	}
	b, n := x.Shape()[0], x.Shape()[1]
	y = build.Must(l.Forward(g, build.Must(nn.Reshape(x, b*n, x.Shape()[2]))))
	return build.Must(nn.Reshape(y, b, n, y.Shape()[1])), nil
}

// fixed adds numbers to the graph that nothing changes.
func fixed(g *nn.Graph, name string, dt tensor.Dtype, at func(i int) float64, shape ...int) *gorgonia.Node {
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = at(i)
	}
	build.Check(nn.SetFloats(v, x))
	return build.Must(g.Input(name, v))
}

// shapeOf is the shape of a node, nil for none.
func shapeOf(n *gorgonia.Node) tensor.Shape {
	if build.Rank(n) < 0 {
		return nil
	}
	return n.Shape()
}
