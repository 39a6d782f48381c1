// Package csc has the networks that code images by several convolutional dictionaries,
// one on top of the other: iterations of algorithms for the multi-layer convolutional
// sparse model, unrolled.
//
// # The model
//
// An image is the synthesis of a sparse code, which is itself the synthesis of a sparser
// one, and so on:
//
//	x = D₁γ₁        γ₁ = D₂γ₂        …        γ_{K−1} = D_Kγ_K
//
// Each Dᵢ is a transposed convolution with the filters of layer i, and Dᵢᵀ, its exact
// adjoint, the convolution with them. All networks here estimate γ₁, …, γ_K, non-negative,
// and are one step,
//
//	sᵢ(z, y) = ReLU(z − cᵢ Dᵢᵀ(Dᵢz − y) + bᵢ),
//
// in different orders. It is a projected gradient step on
//
//	½‖Dᵢz − y‖² + λᵢᵀz        over z ≥ 0
//
// of the length cᵢ, with bᵢ = −cᵢλᵢ. With no unfolding all of them are the ordinary
// convolutional network γᵢ = ReLU(cᵢ Dᵢᵀγᵢ₋₁ + bᵢ).
//
// References: Papyan, Romano, Elad. Convolutional neural networks analyzed via
// convolutional sparse coding. JMLR 2017. Sulam, Aberdam, Beck, Elad. On multi-layer basis
// pursuit, efficient algorithms and convolutional neural networks. TPAMI 2020.
package csc

import (
	"fmt"

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

// A Coder computes the codes of a multi-layer convolutional model. Its Forward returns
// the last one, γ_K.
type Coder interface {
	layers.Layer

	// Codes returns γ₁, …, γ_K of the images x. Shapes: x n×In×h×w, γᵢ n×Filters×hᵢ×wᵢ of
	// bank i.
	Codes(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error)
}

// A Bank is the filters of one layer of the model.
type Bank struct {
	Filters int    // channels of the code; at least 1
	Kernel  [2]int // rows and columns of a filter; at least 1. See conv.Pair
	Stride  [2]int // 0 is 1
	Padding [2]int // zeros on either side of what is coded
}

// MNIST returns the banks that the authors of ML-ISTA use for images of 28×28 pixels,
// whose last code is 512×1×1.
func MNIST() []Bank {
	return []Bank{
		{Filters: 32, Kernel: conv.Pair(6), Stride: conv.Pair(2)},
		{Filters: 64, Kernel: conv.Pair(6), Stride: conv.Pair(2)},
		{Filters: 512, Kernel: conv.Pair(4)},
	}
}

// CIFAR returns their banks for images of 32×32 pixels, whose last code is 128×4×4.
func CIFAR() []Bank {
	bank := func(filters int) Bank {
		return Bank{Filters: filters, Kernel: conv.Pair(4), Stride: conv.Pair(2), Padding: conv.Pair(1)}
	}
	return []Bank{bank(32), bank(64), bank(128)}
}

// Config configures the networks of the multi-layer model.
type Config struct {
	Name       string // of the network: its parameters are Name.W1 and so on
	In         int    // channels of the images; 0 is 1
	Banks      []Bank // of D₁, …, D_K; nil is MNIST()
	Unfoldings int    // T, how often codes are improved; 0 is the convolutional network

	// Bounded keeps the steps short enough for the iterations not to diverge: cᵢ is limited to 1/‖Dᵢ‖², which 30
	// power iterations estimate in every run. The authors' networks have no bound.
	Bounded bool

	Dtype  tensor.Dtype   // zero is float32
	Seed   uint64         // of the initial values; see nn.Rand
	Weight nn.Initializer // of the filters; nil is the authors', N(0, 0.01/fan_in)
}

// stack holds what all networks of the package have in common.
type stack struct {
	kind string
	cfg  Config
	ps   []*nn.Param
}

// newStack checks cfg and fills in its defaults.
func newStack(kind string, cfg Config) *stack {
	s := &stack{kind: kind, cfg: cfg}
	build.Check(s.fill())
	return s
}

func (s *stack) fill() error {
	c := &s.cfg
	if c.Name == "" {
		return errors.New("no Name, which the names of its parameters begin with")
	}
	if c.In == 0 {
		c.In = 1
	}
	if c.Banks == nil {
		c.Banks = MNIST()
	}
	if c.In < 1 || c.In > sizes.Most {
		return errors.Errorf("images of %d channels, want 1 to %d", c.In, sizes.Most)
	}
	if c.Unfoldings < 0 || c.Unfoldings > sizes.MostLayers {
		return errors.Errorf("%d Unfoldings, want 0 to %d", c.Unfoldings, sizes.MostLayers)
	}
	if len(c.Banks) == 0 || len(c.Banks) > sizes.MostLayers {
		return errors.Errorf("%d Banks of filters, want 1 to %d", len(c.Banks), sizes.MostLayers)
	}
	for i, b := range c.Banks {
		for _, n := range []int{b.Filters, b.Kernel[0], b.Kernel[1]} {
			if n < 1 || n > sizes.Most {
				return errors.Errorf("bank %d of %d: %d Filters of %d×%d, want 1 to %d each", i+1, len(c.Banks),
					b.Filters, b.Kernel[0], b.Kernel[1], sizes.Most)
			}
		}
		for j := range 2 {
			if b.Stride[j] < 0 || b.Padding[j] < 0 || b.Padding[j] >= b.Kernel[j] {
				return errors.Errorf("bank %d of %d: Stride %v and Padding %v for filters of %v, want none below 0 "+
					"and less padding than a filter has", i+1, len(c.Banks), b.Stride, b.Padding, b.Kernel)
			}
		}
	}
	return nil
}

// bank returns a parameter of filters for layer i, counted from 0.
func (s *stack) bank(i int, name string, numbers ...any) *nn.Param {
	b, in := s.cfg.Banks[i], s.channels(i)
	build.Check(sizes.Check("the filters of a layer", b.Filters, in, b.Kernel[0], b.Kernel[1]))
	init := s.cfg.Weight
	if init == nil {
		init = initializer.He{Gain: 0.1, Normal: true}
	}
	return s.param(init, []int{b.Filters, in, b.Kernel[0], b.Kernel[1]}, name, numbers...)
}

// channels is how many channels layer i codes.
func (s *stack) channels(i int) int {
	if i == 0 {
		return s.cfg.In
	}
	return s.cfg.Banks[i-1].Filters
}

// numbers returns a parameter 1×n×1×1 of equal numbers that is exempt from weight decay.
func (s *stack) numbers(value float64, n int, name string, numbers ...any) *nn.Param {
	p := s.param(initializer.Constant{Value: value}, []int{1, n, 1, 1}, name, numbers...)
	p.NoDecay = true
	return p
}

// param adds a parameter.
func (s *stack) param(init nn.Initializer, shape []int, name string, numbers ...any) *nn.Param {
	name = s.cfg.Name + "." + fmt.Sprintf(name, numbers...)
	p := build.Must(initializer.NewParam(name, s.cfg.Dtype, s.cfg.Seed, init, shape...))
	s.ps = append(s.ps, p)
	return p
}

// vector binds a parameter that numbers returned, as a vector.
func (s *stack) vector(g *nn.Graph, p *nn.Param) *gorgonia.Node {
	return build.Must(nn.Reshape(build.Must(g.Bind(p)), p.Value.Size()))
}

func (s *stack) params() []*nn.Param {
	if s == nil {
		return nil
	}
	return append([]*nn.Param(nil), s.ps...)
}

func (s *stack) config() Config {
	if s == nil {
		return Config{}
	}
	return s.cfg
}

func (s *stack) geometry(i int) conv.Geometry {
	return conv.Geometry{Stride: s.cfg.Banks[i].Stride, Padding: s.cfg.Banks[i].Padding}
}

// analysis returns Dᵢᵀy + b, for layer i counted from 0; b may be nil.
func (s *stack) analysis(i int, y, w, b *gorgonia.Node) *gorgonia.Node {
	return build.Must(conv.Conv2D(y, w, b, s.geometry(i)))
}

// synthesis returns Dᵢz, of the size of like.
func (s *stack) synthesis(i int, z, w, like *gorgonia.Node) *gorgonia.Node {
	return build.Must(conv.ConvTranspose2DTo(z, w, s.geometry(i), like.Shape()[2], like.Shape()[3]))
}

// step returns ReLU(z − c Dᵢᵀ(Dᵢz − y) + b), with c of 1 if it is nil.
func (s *stack) step(i int, z, y, w, c, b *gorgonia.Node) *gorgonia.Node {
	r := build.Must(nn.Sub(s.synthesis(i, z, w, y), y))
	u := s.analysis(i, r, w, nil)
	if c != nil {
		u = build.Must(nn.MulScalar(u, c))
	}
	return s.rectified(build.Must(nn.Sub(z, u)), b)
}

// rectified returns ReLU(u + b).
func (s *stack) rectified(u, b *gorgonia.Node) *gorgonia.Node {
	return build.Must(nn.ReLU(build.Must(conv.AddBias(u, b))))
}

// synthesisOf returns D₁…D_K γ with the filters w, of the size of like.
func (s *stack) synthesisOf(g *nn.Graph, w []*nn.Param, gamma, like *gorgonia.Node) *gorgonia.Node {
	size := s.sizes(like)
	for i := len(w) - 1; i >= 0; i-- {
		bank := build.Must(g.Bind(w[i]))
		gamma = build.Must(conv.ConvTranspose2DTo(gamma, bank, s.geometry(i), size[i][0], size[i][1]))
	}
	return gamma
}

// sizes returns the rows and columns of what each layer codes, for images x.
func (s *stack) sizes(x *gorgonia.Node) [][2]int {
	size := [][2]int{{x.Shape()[2], x.Shape()[3]}}
	for i := range s.cfg.Banks[1:] {
		size = append(size, s.sizeOf(i, size[i]))
	}
	return size
}

// sizeOf returns the size of the code of layer i for an input of a given size.
func (s *stack) sizeOf(i int, size [2]int) (code [2]int) {
	b := s.cfg.Banks[i]
	for j := range 2 {
		code[j] = (size[j]+2*b.Padding[j]-b.Kernel[j])/max(b.Stride[j], 1) + 1
	}
	return code
}

// check reports an input that is not images, or images that are smaller than a bank of filters.
func (s *stack) check(x *gorgonia.Node) error {
	if build.Rank(x) != 4 || x.Shape()[1] != s.cfg.In {
		var shape any
		if build.Rank(x) >= 0 {
			shape = x.Shape()
		}
		return errors.Wrapf(nn.ErrInput, "images of shape %v, want n×%d×h×w", shape, s.cfg.In)
	}
	for i, size := range s.sizes(x) {
		b := s.cfg.Banks[i]
		for j := range 2 {
			if size[j]+2*b.Padding[j] < b.Kernel[j] {
				return errors.Wrapf(nn.ErrInput, "images of %d×%d: layer %d of %d codes %d×%d, which is smaller than "+
					"its filters of %d×%d: use larger images or fewer layers", x.Shape()[2], x.Shape()[3], i+1,
					len(s.cfg.Banks), size[0], size[1], b.Kernel[0], b.Kernel[1])
			}
		}
	}
	return nil
}
