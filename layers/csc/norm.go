package csc

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// powerSteps is how many power iterations estimate ‖D‖²: of the dictionaries tried here the
// estimate is then within two hundredths, from below.
const powerSteps = 30

// squaredNorm returns ‖D‖² of the dictionary w for images of that size, as a vector of
// one constant: the Rayleigh quotient of DᵀD after power iterations from a Gaussian image
// that depends on name and seed alone, so that it has no history. No gradient passes. It is
// 0 where the filters are.
func squaredNorm(g *nn.Graph, name string, seed uint64, w *gorgonia.Node, c conv.Geometry, size [2]int,
) (norm *gorgonia.Node, err error) {
	defer build.Catch(&err, "the norm of the filters")
	w = build.Must(nn.Detach(w))
	channels := w.Shape()[1]
	start := tensor.New(tensor.Of(w.Dtype()), tensor.WithShape(1, channels, size[0], size[1]))
	build.Check(nn.SetFloats(start, gaussian(nn.Rand(seed, name), start.Size())))
	x := build.Must(g.Input(name, start))
	for range powerSteps {
		x = build.Must(unit(x))
		code := build.Must(conv.Conv2D(x, w, nil, c))
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

func gaussian(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}
