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
	bn1, bn2     *layers.BatchNorm
	downsample   layers.Sequential // empty for the identity
}

type blockConfig struct {
	Name            string
	In, Out, Stride int
	Dtype           tensor.Dtype
	Seed            uint64
}

// conv returns a convolution without bias, since a bias would be removed by the batch norm that follows.
func (c blockConfig) conv(name string, in, kernel, stride int) (*layers.Conv2D, error) {
	return layers.NewConv2D(layers.ConvConfig{
		Name: join(c.Name, name), In: in, Out: c.Out, Kernel: conv.Pair(kernel),
		Geometry: conv.Geometry{Stride: conv.Pair(stride), Padding: conv.Pair(kernel / 2)}, NoBias: true,
		Dtype: c.Dtype, Seed: c.Seed,
	})
}

func (c blockConfig) norm(name string) (*layers.BatchNorm, error) {
	return layers.NewBatchNorm(layers.BatchNormConfig{Name: join(c.Name, name), Channels: c.Out, Dtype: c.Dtype})
}

func newBasicBlock(c blockConfig) (b *basicBlock, err error) {
	b = &basicBlock{}
	if b.conv1, err = c.conv("conv1", c.In, 3, c.Stride); err != nil {
		return nil, err
	}
	if b.bn1, err = c.norm("bn1"); err != nil {
		return nil, err
	}
	if b.conv2, err = c.conv("conv2", c.Out, 3, 1); err != nil {
		return nil, err
	}
	if b.bn2, err = c.norm("bn2"); err != nil {
		return nil, err
	}
	if c.In == c.Out && c.Stride == 1 {
		return b, nil
	}
	conv, err := c.conv("downsample.0", c.In, 1, c.Stride)
	if err != nil {
		return nil, err
	}
	norm, err := c.norm("downsample.1")
	if err != nil {
		return nil, err
	}
	b.downsample = layers.Sequential{conv, norm}
	return b, nil
}

// Forward implements layers.Layer.
func (b *basicBlock) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	h, err := b.conv1.Forward(g, x)
	if err != nil {
		return nil, err
	}
	if h, err = b.bn1.ForwardEpilogue(g, h, norm.Epilogue{ReLU: true}); err != nil {
		return nil, err
	}
	if h, err = b.conv2.Forward(g, h); err != nil {
		return nil, err
	}
	s, err := b.downsample.Forward(g, x)
	if err != nil {
		return nil, err
	}
	return b.bn2.ForwardEpilogue(g, h, norm.Epilogue{Add: s, ReLU: true})
}

// Params implements layers.Layer.
func (b *basicBlock) Params() []*nn.Param {
	return append(layers.Sequential{b.conv1, b.bn1, b.conv2, b.bn2}.Params(), b.downsample.Params()...)
}
