package models

import (
	"cmp"
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
)

// ResNetConfig configures a ResNet. The zero value is the encoder of the MCR² paper
// but for Normalize.
type ResNetConfig struct {
	Name      string       // prefix of the parameters; "" is none, as torchvision has them
	Depth     int          // 10, 18 or 34: layers with weights, but for the head; 0 is 18
	Channels  int          // of an image; 0 is 3
	Width     int          // channels of the first stage; 0 is 64
	Features  int          // d, that come out of the head; 0 is 128
	NoHead    bool         // return the pooled features, 8·Width of them, for a head of your own
	Normalize bool         // put the output on the unit sphere, as MCR² wants it
	Dtype     tensor.Dtype // zero is float32
	Seed      uint64       // of initial values
}

// ResNet is a residual network for small images, 32×32 or 28×28:
//
//	h = ReLU(BN(w ∗ x))                          3×3 filters of stride 1
//	h = four stages of blocks, y = ReLU(F(h) + s(h)), of Width, 2·, 4·, 8·Width channels;
//	    the first block of each stage but the first halves the image
//	h = mean over the pixels
//	z = ReLU(BN(h W₀ᵀ)) W₁ᵀ + b                  the head, 8·Width to 8·Width to Features
//
// and z / ‖z‖₂ if Normalize is set. ResNet-18 with the head is the encoder that the
// authors of MCR² trained on CIFAR-10, ResNet-10 with one channel that for MNIST. With
// NoHead it is the usual network, to be followed by a linear layer; see Classifier.
//
// Shapes: x n×Channels×h×w; z n×Features. Parameters, by torchvision's
// names: conv1.weight, bn1.weight, …, layer1.0.conv1.weight, layer1.0.bn1.running_mean, …,
// layer2.0.downsample.0.weight, …, and head.linear0.weight, …. With NoHead, and a
// layers.Linear named "fc" after it, a file of weights is one of PyTorch's network.
//
// Reference: He, Zhang, Ren, Sun. Deep residual learning for image recognition. CVPR
// 2016, in the form for small images with projections where shapes change; Yu, Chan,
// You, Song, Ma. Learning diverse and discriminative representations via the
// principle of maximal coding rate reduction. NeurIPS 2020, for the head.
type ResNet struct{ chain }

var _ layers.Layer = (*ResNet)(nil)

// blocksOf returns how many blocks the stages have.
func blocksOf(depth int) ([]int, error) {
	switch depth {
	case 10:
		return []int{1, 1, 1, 1}, nil
	case 18:
		return []int{2, 2, 2, 2}, nil
	case 34:
		return []int{3, 4, 6, 3}, nil
	}
	return nil, errors.Errorf("Depth is %d, want 10, 18 or 34", depth)
}

// NewResNet returns a network with initial values drawn from cfg.Seed: PyTorch's
// defaults, as the authors have them.
func NewResNet(cfg ResNetConfig) (*ResNet, error) {
	cfg.Depth, cfg.Channels = cmp.Or(cfg.Depth, 18), cmp.Or(cfg.Channels, 3)
	cfg.Width, cfg.Features = cmp.Or(cfg.Width, 64), cmp.Or(cfg.Features, 128)
	r := &ResNet{chain{what: fmt.Sprintf("models: ResNet %q", cfg.Name), made: cfg}}
	if err := r.build(cfg); err != nil {
		return nil, errors.WithMessage(err, r.what)
	}
	return r, nil
}

func (r *ResNet) build(cfg ResNetConfig) error {
	blocks, err := blocksOf(cfg.Depth)
	if err != nil {
		return err
	}
	if err := sizes.Check("filters of all layers", cfg.Depth, 9, 8, max(1, cfg.Width), 8,
		max(1, cfg.Width)); err != nil {
		return err
	}
	stem := blockConfig{Name: cfg.Name, Out: cfg.Width, Dtype: cfg.Dtype, Seed: cfg.Seed}
	conv, err := stem.conv("conv1", cfg.Channels, 3, 1)
	if err != nil {
		return err
	}
	norm, err := newNormReLU(join(cfg.Name, "bn1"), cfg.Width, cfg.Dtype)
	if err != nil {
		return err
	}
	r.layers = layers.Sequential{conv, norm}
	in := cfg.Width
	for i, n := range blocks {
		for j := range n {
			b := blockConfig{Name: join(cfg.Name, fmt.Sprintf("layer%d.%d", i+1, j)), In: in, Out: cfg.Width << i,
				Stride: 1, Dtype: cfg.Dtype, Seed: cfg.Seed}
			if i > 0 && j == 0 {
				b.Stride = 2
			}
			block, err := newBasicBlock(b)
			if err != nil {
				return err
			}
			r.layers, in = append(r.layers, block), b.Out
		}
	}
	r.layers = append(r.layers, layers.GlobalAveragePool{})
	return r.finish(cfg.NoHead, head{
		Name: join(cfg.Name, "head"), In: in, Out: cfg.Features, Normalize: cfg.Normalize, Dtype: cfg.Dtype,
		Seed: cfg.Seed,
	})
}

// join returns the name of a part: prefixed with the name of the whole, if that has one.
func join(name, part string) string {
	if name == "" {
		return part
	}
	return name + "." + part
}
