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
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Correlate is the op of y: inputs x (n×C×T or n×C×H×W) and w (O×C×k or O×C×k×l),
// output n×O×T or n×O×H×W.
type Correlate struct {
	Axes int // 1 or 2
}

// Spec implements op.Op.
func (k Correlate) Spec() op.Spec {
	return op.Spec{
		In:     k.inputs(2),
		Kernel: op.Both(k, bindCorrelate, bindCorrelate),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dx := op.Must(op.Apply(gradX{k}, dout, in[1], in[0]))
			return gorgonia.Nodes{dx, op.Must(op.Apply(gradW{k}, dout, in[0], in[1]))}
		},
		FLOPs:  k.flops,
		Device: k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return layoutOf(a.Shapes[0], a.Shapes[1]).room(a.Dtype),
				nil
		},
	}
}

// inputs returns n inputs with a batch, channels and the axes.
func (k Correlate) inputs(n int) []op.Input {
	return slices.Repeat([]op.Input{op.Input(2 + k.Axes)}, n)
}

func (k Correlate) shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.Axes != 1 && k.Axes != 2 {
		return nil, op.Errorf("circular correlation over %d axes, want 1 or 2", k.Axes)
	}
	x, w := in[0], in[1]
	ok := w[1] == x[1]
	for i := 2; i < len(x); i++ {
		ok = ok && w[i] <= x[i]
	}
	if !ok {
		return nil, op.Errorf(
			"circular correlation: x is %v and the filters %v, want as many channels and windows no larger than x", x,
			w)
	}
	y := x.Clone()
	y[1] = w[0]
	return y, nil
}

func (k Correlate) flops(in []tensor.Shape) int64 {
	l := layoutOf(in[0], in[1])
	return 2 * int64(l.n) * int64(l.out) * int64(l.window()) * int64(l.h*l.w)
}

// gradX is the op of ∂L/∂x: inputs D, w and x, of which it reads the shape
// only, output as x.
type gradX struct{ Of Correlate }

func (k gradX) Spec() op.Spec {
	return op.Spec{
		In:     k.Of.inputs(3),
		Kernel: op.Both(k, bindGradX, bindGradX),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Device: k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return layoutOf(a.Shapes[2], a.Shapes[1]).room(a.Dtype), nil
		},
	}
}

// gradW is the op of ∂L/∂w: inputs D, x and w, of which it reads the shape only,
// output as w.
type gradW struct{ Of Correlate }

func (k gradW) Spec() op.Spec {
	return op.Spec{
		In:            k.Of.inputs(3),
		Kernel:        op.Both(k, bindGradW, bindGradW),
		Shape:         func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Scratch:       k.scratch,
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

// scratch is the windows of one sample.
func (k gradW) scratch(in []tensor.Shape) int {
	l := layoutOf(in[1], in[2])
	return l.window() * l.h * l.w
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
