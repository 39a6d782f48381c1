// Package spectrum is the real discrete Fourier transform of the channels of
// signals, and its adjoint.
//
//	x̂(p) = w(p)/√T · Σₜ x(t) exp(−2πi pt/T),  p = 0, …, ⌊T/2⌋
//
// for signals n×C×T, and the same over both axes for images n×C×H×W with p over
// ⌊H/2⌋+1 rows and all W columns of frequencies. A real signal has a conjugate
// spectrum, x̂(−p) = conj x̂(p): the frequencies that are left out say nothing new.
// The weight w is √2 for those whose mirror image is left out, and 1 for p = 0 and
// p = T/2 (of images, for these rows), so that
//
//	‖x̂‖ = ‖x‖
//
// and the adjoint, which is the gradient, is the inverse. A spectrum is real
// memory, f×n×2C, frequencies first: at each, a row for each sample, the real
// parts of its channels and then the imaginary ones.
//
// # Method
//
// Each axis takes the faster of two methods, by its length. A product with the
// T×2(⌊T/2⌋+1) matrix of cosines and sines, all channels of all samples in one, runs at
// the rate of the micro-kernel: it is the faster one up to T of about 80, as 28 pixels
// are, and up to some hundreds if T is prime. Above that it is a fast transform of many
// signals side by side (package fourier): T log T. Cost: 4T² flops a signal, or
// 8W²H + 4H²W an image, by products; 5/2·T log₂ T, about, by fast transforms; and as many
// numbers of memory traffic as there are, twice. Any T will do.
//
// # Gradient
//
// The transform is linear, A: ∂L/∂x = Aᵀ ∂L/∂x̂, the inverse transform of ∂L/∂x̂,
// and ∂L/∂x̂ of the inverse, Aᵀ, is A ∂L/∂x. A spectrum that no real signal has, with
// an imaginary part at p = 0, goes to the nearest one's signal.
//
// # Numerics
//
// Angles are reduced modulo the length in integers, so that cosines and sines are
// good to the last place. Sums are taken in the graph's dtype. No signal sees another.
package spectrum

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/fourier"
	"github.com/whitebox-nn/whitebox/op"
)

// Forward is the op of x̂: input n×C×T or n×C×H×W, output f×n×2C.
type Forward struct {
	Axes int // 1 or 2
}

// Spec implements op.Op.
func (k Forward) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Input(2 + k.Axes)},
		Kernel: op.Both(k, bindForward, bindForward),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			x := in[0].Shape()
			inverse := Inverse{H: x[2]}
			if k.Axes == 2 {
				inverse.W = x[3]
			}
			return gorgonia.Nodes{op.Must(op.Apply(inverse, dout))}
		},
		// before they are sorted by frequency
		Scratch:       func(in []tensor.Shape) int { return layoutOf(in[0]).scratch() },
		FLOPs:         func(in []tensor.Shape) int64 { return layoutOf(in[0]).flops() },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

func (k Forward) shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.Axes != 1 && k.Axes != 2 {
		return nil, op.Errorf("spectrum: over %d axes, want 1 or 2", k.Axes)
	}
	l := layoutOf(in[0])
	return tensor.Shape{l.freqs(), l.n, 2 * l.c}, nil
}

// Inverse is the op of the adjoint: input f×n×2C, output n×C×H, or n×C×H×W if W
// is not 0.
type Inverse struct{ H, W int }

// Spec implements op.Op.
func (k Inverse) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3},
		Kernel: op.Both(k, bindInverse, bindInverse),
		Shape:  k.shape,
		Grad: func(_ gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(Forward{Axes: dout.Dims() - 2}, dout))}
		},
		Scratch:       func(in []tensor.Shape) int { return k.layout(in[0]).scratch() },
		FLOPs:         func(in []tensor.Shape) int64 { return k.layout(in[0]).flops() },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

func (k Inverse) shape(in []tensor.Shape) (tensor.Shape, error) {
	z := in[0]
	if k.H < 1 || k.W < 0 || z[2]%2 != 0 {
		return nil, op.Errorf("inverse spectrum: of %v to signals of %d×%d, want an even last side", z, k.H, k.W)
	}
	shape := tensor.Shape{z[1], z[2] / 2, k.H}
	if k.W > 0 {
		shape = append(shape, k.W)
	}
	if f := layoutOf(shape).freqs(); f != z[0] {
		return nil, op.Errorf("inverse spectrum: %d frequencies for signals %v, want %d", z[0], shape[2:], f)
	}
	return shape, nil
}

func (k Inverse) layout(z tensor.Shape) layout {
	return layout{n: z[1], c: z[2] / 2, h: k.H, w: max(1, k.W), image: k.W > 0}
}

// A layout is n samples of c channels of h numbers, or of h×w of an image.
type layout struct {
	n, c, h, w int
	image      bool
}

func layoutOf(x tensor.Shape) layout {
	l := layout{n: x[0], c: x[1], h: x[2], w: 1}
	if len(x) == 4 {
		l.w, l.image = x[3], true
	}
	return l
}

// half returns the frequencies of the first axis that are kept.
func (l layout) half() int  { return l.h/2 + 1 }
func (l layout) freqs() int { return l.half() * l.w }

// scratch returns the numbers of what products transform to.
func (l layout) scratch() int {
	size := l.n * l.c * 2 * l.freqs()
	if l.image {
		return 2 * size
	}
	return size
}

// flops returns what the method takes.
func (l layout) flops() int64 {
	numbers, m := float64(l.n*l.c*l.h*l.w), l.method()
	flops := 4 * numbers * float64(l.half())
	if m.first {
		flops = numbers * fourier.CostReal(l.h)
	}
	switch freqs := float64(l.n * l.c * l.freqs()); {
	case m.second:
		flops += freqs * fourier.Cost(l.w)
	case l.image:
		flops += 8 * freqs * float64(l.w)
	}
	return int64(flops)
}
