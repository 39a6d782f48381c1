package models

import (
	"cmp"
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// VGG11Config configures a VGG11.
type VGG11Config struct {
	Name      string       // prefix of the parameters; "" is "vgg11"
	Channels  int          // of an image; 0 is 3
	Width     int          // channels of the first convolution; 0 is 64
	Features  int          // d, that come out of the head; 0 is 128
	NoHead    bool         // return the last features, 8·Width of them, for a head of your own
	Normalize bool         // put the output on the unit sphere, as MCR² wants it
	Dtype     tensor.Dtype // zero is float32
	Seed      uint64       // of initial values
}

// VGG11 is eight convolutions of 3×3, each followed by batch norm and ReLU, and five
// maxima over 2×2:
//
//	64, max, 128, max, 256, 256, max, 512, 512, max, 512, 512, max
//
// for Width 64, and then the head of ResNet. Images are 32×32; larger ones end in a
// mean over the pixels.
//
// Shapes: x n×Channels×h×w with h and w at least 32; z n×Features. Parameters: Name.conv0.weight, Name.conv0.bias,
// Name.norm0.weight, ….
//
// Reference: Simonyan, Zisserman. Very deep convolutional networks for large-scale
// image recognition. ICLR 2015, configuration A, with batch norm and without its
// three linear layers, as is usual for CIFAR-10.
type VGG11 struct{ chain }

var _ layers.Layer = (*VGG11)(nil)

// NewVGG11 returns a network with initial values drawn from cfg.Seed.
func NewVGG11(cfg VGG11Config) (*VGG11, error) {
	cfg.Name, cfg.Channels = cmp.Or(cfg.Name, "vgg11"), cmp.Or(cfg.Channels, 3)
	cfg.Width, cfg.Features = cmp.Or(cfg.Width, 64), cmp.Or(cfg.Features, 128)
	v := &VGG11{chain{what: fmt.Sprintf("models: VGG11 %q", cfg.Name), made: cfg}}
	if err := v.build(cfg); err != nil {
		return nil, errors.WithMessage(err, v.what)
	}
	return v, nil
}

func (v *VGG11) build(cfg VGG11Config) error {
	if err := sizes.Check("filters of all layers", 8, 9, 8, max(1, cfg.Width), 8, max(1, cfg.Width)); err != nil {
		return err
	}
	in, n := cfg.Channels, 0
	for _, stage := range [][]int{{1}, {2}, {4, 4}, {8, 8}, {8, 8}} {
		for _, times := range stage {
			conv, err := layers.NewConv2D(layers.ConvConfig{
				Name: fmt.Sprintf("%s.conv%d", cfg.Name, n), In: in, Out: times * cfg.Width, Kernel: conv.Pair(3),
				Geometry: conv.Geometry{Padding: conv.Pair(1)}, Dtype: cfg.Dtype, Seed: cfg.Seed,
			})
			if err != nil {
				return err
			}
			norm, err := newNormReLU(fmt.Sprintf("%s.norm%d", cfg.Name, n), times*cfg.Width, cfg.Dtype)
			if err != nil {
				return err
			}
			v.layers = append(v.layers, conv, norm)
			in, n = times*cfg.Width, n+1
		}
		v.layers = append(v.layers, layers.MaxPool{Window: conv.Window{Kernel: conv.Pair(2)}})
	}
	v.layers = append(v.layers, layers.GlobalAveragePool{})
	return v.finish(cfg.NoHead, head{
		Name: cfg.Name + ".head", In: in, Out: cfg.Features, Normalize: cfg.Normalize, Dtype: cfg.Dtype, Seed: cfg.Seed,
	})
}
