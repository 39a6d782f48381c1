package models

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
)

// A head is the perceptron that the authors of MCR² put on the pooled features of a network:
//
//	z = ReLU(BN(h W₀ᵀ)) W₁ᵀ + b
//
// with as many hidden features as h has.
type head struct {
	Name      string
	In, Out   int
	Normalize bool
	Dtype     tensor.Dtype
	Seed      uint64
}

func (h head) layers() (layers.Sequential, error) {
	hidden, err := layers.NewLinear(layers.LinearConfig{Name: h.Name + ".linear0", In: h.In, Out: h.In, NoBias: true,
		Dtype: h.Dtype, Seed: h.Seed})
	if err != nil {
		return nil, err
	}
	norm, err := newNormReLU(h.Name+".norm", h.In, h.Dtype)
	if err != nil {
		return nil, err
	}
	out, err := layers.NewLinear(layers.LinearConfig{Name: h.Name + ".linear1", In: h.In, Out: h.Out, Dtype: h.Dtype,
		Seed: h.Seed})
	if err != nil {
		return nil, err
	}
	return layers.Sequential{hidden, norm, out}, nil
}
