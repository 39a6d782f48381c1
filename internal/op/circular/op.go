// Package circular is the correlation of signals or images with filters that wrap
// around at the borders.
//
//	y[i,o,t] = Σ_c Σ_s w[o,c,s] · x[i,c,(t+s) mod T],  s = 0, …, k−1
//
// and the same over both axes of images. It commutes with circular shifts of x, so
// that what is built on it can be exactly translation-invariant. Random filters lift
// signals of few channels to many [1, § 4.2].
//
// # Method
//
// A sample's windows are gathered as the columns of a matrix, C·k × T, and
// multiplied by the filters: 2·O·C·k·T flops, with k the numbers of a window, in
// parallel over samples.
//
// # Gradient
//
// With D = ∂L/∂y, ∂L/∂w[o,c,s] = Σ_{i,t} D[i,o,t] x[i,c,(t+s) mod T], a product of D
// with the same windows, and ∂L/∂x[i,c,u] = Σ_{o,s} w[o,c,s] D[i,o,(u−s) mod T], the
// windows of the product wᵀD, added back where they came from.
//
// # References
//
//  1. Chan, Yu, You, Qi, Wright, Ma. ReduNet: a white-box deep network from the
//     principle of maximizing rate reduction. JMLR 2022.
package circular

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Correlate is the kernel of y: inputs x (n×C×T or n×C×H×W) and w (O×C×k or O×C×k×l),
// output n×O×T or n×O×H×W.
type Correlate struct {
	Axes int // 1 or 2
}

var _ opkit.Differentiable = Correlate{}

func (k Correlate) Ranks() (in []int, out int) { return []int{2 + k.Axes, 2 + k.Axes}, 2 + k.Axes }
func (Correlate) Wrt() []bool                  { return []bool{true, true} }

func (k Correlate) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.Axes != 1 && k.Axes != 2 {
		return nil, errors.Wrapf(opkit.ErrInput, "circular correlation over %d axes, want 1 or 2", k.Axes)
	}
	x, w := in[0], in[1]
	ok := w[1] == x[1]
	for i := 2; i < len(x); i++ {
		ok = ok && w[i] <= x[i]
	}
	if !ok {
		return nil, errors.Wrapf(opkit.ErrInput, "circular correlation: x is %v and the filters %v, want as many channels and windows no larger than x", x, w)
	}
	y := x.Clone()
	y[1] = w[0]
	return y, nil
}

func (k Correlate) FLOPs(in []tensor.Shape) int64 {
	l := layoutOf(in[0], in[1])
	return 2 * int64(l.n) * int64(l.out) * int64(l.window()) * int64(l.h*l.w)
}
func (k Correlate) Bind32(a *opkit.Args[float32]) opkit.Run {
	return bindCorrelate(layoutOf(a.Shapes[0], a.Shapes[1]), a)
}
func (k Correlate) Bind64(a *opkit.Args[float64]) opkit.Run {
	return bindCorrelate(layoutOf(a.Shapes[0], a.Shapes[1]), a)
}

func (k Correlate) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(gradX{k}, dout, in[1], in[0])
	if err != nil {
		return nil, err
	}
	dw, err := opkit.Apply(gradW{k}, dout, in[0], in[1])
	return gorgonia.Nodes{dx, dw}, err
}

// gradX is the kernel of ∂L/∂x: inputs D, w and x, of which it reads the shape
// only, output as x.
type gradX struct{ Of Correlate }

func (k gradX) Ranks() (in []int, out int) {
	r := 2 + k.Of.Axes
	return []int{r, r, r}, r
}
func (gradX) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }
func (k gradX) Bind32(a *opkit.Args[float32]) opkit.Run {
	return bindGradX(layoutOf(a.Shapes[2], a.Shapes[1]), a)
}
func (k gradX) Bind64(a *opkit.Args[float64]) opkit.Run {
	return bindGradX(layoutOf(a.Shapes[2], a.Shapes[1]), a)
}

// gradW is the kernel of ∂L/∂w: inputs D, x and w, of which it reads the shape only,
// output as w.
type gradW struct{ Of Correlate }

func (k gradW) Ranks() (in []int, out int) {
	r := 2 + k.Of.Axes
	return []int{r, r, r}, r
}
func (gradW) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }

// Scratch is the windows of one sample.
func (k gradW) Scratch(in []tensor.Shape) int {
	l := layoutOf(in[1], in[2])
	return l.window() * l.h * l.w
}
func (k gradW) Bind32(a *opkit.Args[float32]) opkit.Run {
	return bindGradW(layoutOf(a.Shapes[1], a.Shapes[2]), a)
}
func (k gradW) Bind64(a *opkit.Args[float64]) opkit.Run {
	return bindGradW(layoutOf(a.Shapes[1], a.Shapes[2]), a)
}

// A layout is n samples of c channels h×w, and out filters of windows kh×kw; signals
// have h = kh = 1.
type layout struct{ n, c, h, w, out, kh, kw int }

func layoutOf(x, w tensor.Shape) layout {
	l := layout{n: x[0], c: x[1], h: 1, w: x[len(x)-1], out: w[0], kh: 1, kw: w[len(w)-1]}
	if len(x) == 4 {
		l.h, l.kh = x[2], w[2]
	}
	return l
}

// window returns the numbers of a window.
func (l layout) window() int { return l.c * l.kh * l.kw }
