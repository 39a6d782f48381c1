package models

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/norm"
)

// A normReLU is max(BN(x), 0), in one pass over memory.
type normReLU struct{ *layers.BatchNorm }

func newNormReLU(name string, channels int, dt tensor.Dtype) (normReLU, error) {
	n, err := layers.NewBatchNorm(layers.BatchNormConfig{Name: name, Channels: channels, Dtype: dt})
	return normReLU{n}, err
}

// Forward implements layers.Layer.
func (n normReLU) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return n.ForwardEpilogue(g, x, norm.Epilogue{ReLU: true})
}

// A basicBlock is two 3×3 convolutions with a shortcut around them:
//
//	y = ReLU(BN(w₂ ∗ ReLU(BN(w₁ ∗ x))) + s(x))
//
// where s is the identity, or BN(w ∗ x) with a 1×1 filter if the block changes the
// shape. The first convolution, and that of s, move by the stride.
type basicBlock struct {
	conv1, conv2 *layers.Conv2D
	norm1, norm2 *layers.BatchNorm
	shortcut     layers.Sequential // empty for the identity
}

type blockConfig struct {
	Name            string
	In, Out, Stride int
	Dtype           tensor.Dtype
	Seed            uint64
}

// conv returns a convolution without bias, which a batch norm would take away.
func (c blockConfig) conv(name string, in, kernel, stride int) (*layers.Conv2D, error) {
	return layers.NewConv2D(layers.ConvConfig{
		Name: c.Name + "." + name, In: in, Out: c.Out, Kernel: conv.Pair(kernel),
		Geometry: conv.Geometry{Stride: conv.Pair(stride), Padding: conv.Pair(kernel / 2)}, NoBias: true,
		Dtype: c.Dtype, Seed: c.Seed,
	})
}

func (c blockConfig) norm(name string) (*layers.BatchNorm, error) {
	return layers.NewBatchNorm(layers.BatchNormConfig{Name: c.Name + "." + name, Channels: c.Out, Dtype: c.Dtype})
}

func newBasicBlock(c blockConfig) (b *basicBlock, err error) {
	b = &basicBlock{}
	if b.conv1, err = c.conv("conv1", c.In, 3, c.Stride); err != nil {
		return nil, err
	}
	if b.norm1, err = c.norm("norm1"); err != nil {
		return nil, err
	}
	if b.conv2, err = c.conv("conv2", c.Out, 3, 1); err != nil {
		return nil, err
	}
	if b.norm2, err = c.norm("norm2"); err != nil {
		return nil, err
	}
	if c.In == c.Out && c.Stride == 1 {
		return b, nil
	}
	conv, err := c.conv("shortcut.conv", c.In, 1, c.Stride)
	if err != nil {
		return nil, err
	}
	norm, err := c.norm("shortcut.norm")
	if err != nil {
		return nil, err
	}
	b.shortcut = layers.Sequential{conv, norm}
	return b, nil
}

// Forward implements layers.Layer.
func (b *basicBlock) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	h, err := b.conv1.Forward(g, x)
	if err != nil {
		return nil, err
	}
	if h, err = b.norm1.ForwardEpilogue(g, h, norm.Epilogue{ReLU: true}); err != nil {
		return nil, err
	}
	if h, err = b.conv2.Forward(g, h); err != nil {
		return nil, err
	}
	s, err := b.shortcut.Forward(g, x)
	if err != nil {
		return nil, err
	}
	return b.norm2.ForwardEpilogue(g, h, norm.Epilogue{Add: s, ReLU: true})
}

// Params implements layers.Layer.
func (b *basicBlock) Params() []*nn.Param {
	return append(layers.Sequential{b.conv1, b.norm1, b.conv2, b.norm2}.Params(), b.shortcut.Params()...)
}
