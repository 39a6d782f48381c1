package csc

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// dictionary binds the filters for images of the size of x.
func (l *SparseCoding) dictionary(g *nn.Graph, x *gorgonia.Node) (d dictionary, err error) {
	defer build.Catch(&err, "dictionary")
	if build.Rank(x) != 4 || x.Shape()[1] != l.cfg.In {
		return d, errors.Wrapf(nn.ErrInput, "want images n×%d×h×w", l.cfg.In)
	}
	w := build.Must(l.bind(g))
	c := l.geometry()
	size := [2]int{x.Shape()[2], x.Shape()[3]}
	d.up = func(v *gorgonia.Node) *gorgonia.Node { return build.Must(conv.Conv2D(v, w, nil, c)) }
	d.down = func(v *gorgonia.Node) *gorgonia.Node {
		return build.Must(conv.ConvTranspose2DTo(v, w, c, size[0], size[1]))
	}
	d.size = build.Must(l.step(g, func(name string) (*gorgonia.Node, error) {
		return squaredNorm(g, name, l.cfg.Seed, w, c, size, powerSteps)
	}))
	return d, nil
}

// dictionary binds the atoms for tokens x.
func (l *TokenCoding) dictionary(g *nn.Graph, x *gorgonia.Node) (d dictionary, err error) {
	defer build.Catch(&err, "dictionary")
	if r := build.Rank(x); r < 2 || x.Shape()[r-1] != l.cfg.In {
		return d, errors.Wrapf(nn.ErrInput, "want tokens n×t×%d", l.cfg.In)
	}
	w := build.Must(l.bind(g))
	d.up = func(v *gorgonia.Node) *gorgonia.Node { return l.product(v, w, true) }
	d.down = func(v *gorgonia.Node) *gorgonia.Node { return l.product(v, w, false) }
	d.size = build.Must(l.step(g, func(name string) (*gorgonia.Node, error) { return l.squaredNorm(g, name, w) }))
	return d, nil
}

func (l *SparseCoding) geometry() conv.Geometry {
	return conv.Geometry{Stride: l.cfg.Stride, Padding: l.cfg.Padding}
}

func (l *SparseCoding) down(g *nn.Graph, code, like *gorgonia.Node) (x *gorgonia.Node, err error) {
	defer build.Catch(&err, "synthesis")
	if build.Rank(like) != 4 {
		return nil, errors.Wrap(nn.ErrInput, "want like n×c×h×w")
	}
	return build.Must(conv.ConvTranspose2DTo(code, build.Must(l.bind(g)), l.geometry(), like.Shape()[2],
		like.Shape()[3])), nil
}

func (l *TokenCoding) down(g *nn.Graph, code, _ *gorgonia.Node) (x *gorgonia.Node, err error) {
	defer build.Catch(&err, "synthesis")
	if r := build.Rank(code); r < 2 || code.Shape()[r-1] != l.cfg.Atoms {
		return nil, errors.Wrapf(nn.ErrInput, "want codes n×t×%d", l.cfg.Atoms)
	}
	return l.product(code, build.Must(l.bind(g)), false), nil
}

// product returns v Wᵀ, or vW, of tokens.
func (l *TokenCoding) product(v, w *gorgonia.Node, transposed bool) *gorgonia.Node {
	shape := v.Shape().Clone()
	last := len(shape) - 1
	rows := build.Must(nn.Reshape(v, shape[:last].TotalSize(), shape[last]))
	rows = build.Must(nn.MatMul(rows, w, false, transposed))
	return build.Must(nn.Reshape(rows, append(shape[:last], rows.Shape()[1])...))
}

// squaredNorm is that of the package, of atoms.
func (l *TokenCoding) squaredNorm(g *nn.Graph, name string, w *gorgonia.Node) (norm *gorgonia.Node, err error) {
	defer build.Catch(&err, "the norm of the dictionary")
	w = build.Must(nn.Detach(w))
	start := build.Must(initializer.NewParam(name, w.Dtype(), l.cfg.Seed, initializer.Normal{Std: 1}, 1, l.cfg.In))
	x := build.Must(g.Input(name, start.Value))
	for range powerSteps {
		x = l.product(l.product(build.Must(nn.NormalizeOrZero(x)), w, true), w, false)
	}
	code := l.product(build.Must(nn.NormalizeOrZero(x)), w, true)
	return build.Must(nn.Reshape(build.Must(nn.SumSquares(code)), 1)), nil
}

// step returns s, as a vector of one.
func (c *coding) step(g *nn.Graph, norm func(name string) (*gorgonia.Node, error)) (s *gorgonia.Node, err error) {
	defer build.Catch(&err, "step")
	if c.cfg.StepSize > 0 {
		v := tensor.New(tensor.WithShape(1), tensor.Of(c.weight.Value.Dtype()))
		build.Check(nn.SetFloats(v, []float64{c.cfg.StepSize}))
		return build.Must(g.Input(c.cfg.Name+".step", v)), nil
	}
	square := build.Must(norm(c.cfg.Name + ".start"))
	return build.Must(nn.Scale(build.Must(nn.Pow(square, -1)), 0.9)), nil
}
