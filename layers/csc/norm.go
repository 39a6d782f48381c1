package csc

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

const (
	powerSteps = 30  // of ‖D‖² in every run: within some hundredths, from below
	firstSteps = 50  // of what a network's first filters are divided by
	startSteps = 200 // of ‖D‖² at the start, as many as the authors of CSCNet take
)

// squaredNorm returns ‖D‖² of the dictionary w for images of that size, as a vector of one constant: the Rayleigh
// quotient of DᵀD after power iterations from a Gaussian image that depends on name and seed alone, so that it
// depends on no earlier run. No gradient passes through it. It is 0 if the filters are 0.
func squaredNorm(g *nn.Graph, name string, seed uint64, w *gorgonia.Node, c conv.Geometry, size [2]int, steps int,
) (norm *gorgonia.Node, err error) {
	defer build.Catch(&err, "the norm of the filters")
	w = build.Must(nn.Detach(w))
	start := build.Must(initializer.NewParam(name, w.Dtype(), seed, initializer.Normal{Std: 1}, 1, w.Shape()[1],
		size[0], size[1]))
	x := build.Must(g.Input(name, start.Value))
	for range steps {
		code := build.Must(conv.Conv2D(build.Must(unit(x)), w, nil, c))
		x = build.Must(conv.ConvTranspose2DTo(code, w, c, size[0], size[1]))
	}
	code := build.Must(conv.Conv2D(build.Must(unit(x)), w, nil, c))
	return build.Must(nn.Reshape(build.Must(nn.SumSquares(code)), 1)), nil
}

// unit returns x, one image, by its norm, or 0.
func unit(x *gorgonia.Node) (_ *gorgonia.Node, err error) {
	defer build.Catch(&err, "unit norm")
	shape := x.Shape().Clone()
	row := build.Must(nn.Reshape(x, 1, shape.TotalSize()))
	return build.Must(nn.Reshape(build.Must(nn.NormalizeOrZero(row)), shape...)), nil
}

// SquaredNorm returns ‖D‖² of the dictionary of the filters w for images of height×width, by
// power iteration from a seeded start: the largest eigenvalue of DᵀD, and of what a network
// computes first up and then down. Shapes: w o×c×kh×kw.
//
// Errors: filters that do not fit into the image, or are 0. Cost: at most 400 convolutions of one
// image.
func SquaredNorm(w *tensor.Dense, c conv.Geometry, height, width int) (float64, error) {
	return iterated(w, c, height, width, startSteps, 1e-14)
}

// iterated is SquaredNorm by at most so many steps, until one changes it by less than tol.
func iterated(w *tensor.Dense, c conv.Geometry, height, width, steps int, tol float64) (norm float64, err error) {
	defer build.Catch(&err, "csc: squared norm")
	g := nn.NewGraph(nn.Eval)
	node := build.Must(g.Input("filters", w))
	if build.Rank(node) != 4 {
		return 0, errors.Wrapf(nn.ErrInput, "filters of shape %v, want o×c×kh×kw", w.Shape())
	}
	build.Check(sizes.Check("an image", node.Shape()[1], height, width))
	image := build.Must(initializer.NewParam("start", w.Dtype(), 0, initializer.Normal{Std: 1}, 1, node.Shape()[1],
		height,
		width)).Value
	x := build.Must(unit(build.Must(g.Input("image", image))))
	code := build.Must(conv.Conv2D(x, node, nil, c))
	square := build.Must(nn.SumSquares(code))
	next := build.Must(conv.ConvTranspose2DTo(code, node, c, height, width))
	p := build.Must(nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{square, next}}))
	defer func() {
		if closed := p.Close(); err == nil {
			err = closed
		}
	}()
	for range steps {
		build.Check(p.Run())
		was := norm
		norm = build.Must(nn.Floats(nil, build.Must(p.Value(square))))[0]
		if !(norm > 0) || math.IsInf(norm, 0) {
			return 0, errors.Wrapf(nn.ErrInput, "it is %v: are all filters 0, or some not finite?", norm)
		}
		if math.Abs(norm-was) <= tol*norm {
			break
		}
		build.Check(nn.SetFloats(image, build.Must(nn.Floats(nil, build.Must(p.Value(next))))))
	}
	return norm, nil
}

// shrinkToUnitNorm divides the filters p by their norm for images of that side.
func shrinkToUnitNorm(p *nn.Param, c conv.Geometry, side int) error {
	norm, err := iterated(p.Value, c, side, side, firstSteps, 1e-4)
	if err != nil {
		return err
	}
	w, err := nn.Floats(nil, p.Value)
	if err != nil {
		return err
	}
	for i := range w {
		w[i] /= math.Sqrt(norm)
	}
	return nn.SetFloats(p.Value, w)
}
