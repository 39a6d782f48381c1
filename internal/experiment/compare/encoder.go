package compare

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
)

// An encoder is a network that -model can name, from samples to features on the
// unit sphere.
type encoder struct {
	name, note string
	images     bool // convolutions, which take their time
	side       int  // of the smallest images that it takes; 0 is any
	make       func(c config, shape []int) (layers.Layer, error)
}

// encoders returns all of them.
func encoders() []encoder {
	return []encoder{
		{name: "mlp", note: "two hidden layers of 512, features on the unit sphere",
			make: func(c config, shape []int) (layers.Layer, error) {
				in := 1
				for _, s := range shape {
					in *= s
				}
				return models.NewMLP(models.MLPConfig{Name: "encoder", Dims: []int{in, 512, 512, c.Dim},
					Normalize: true,
					Seed:      c.Seed})
			}},
		resnet("resnet10", 10), resnet("resnet18", 18),
		{name: "vgg11", note: "convolutions and a head of two layers, features on the unit sphere", images: true,
			side: 32, make: func(c config, shape []int) (layers.Layer, error) {
				return models.NewVGG11(models.VGG11Config{Name: "encoder", Channels: shape[0], Width: c.Width,
					Features: c.Dim, Normalize: true, Seed: c.Seed})
			}},
	}
}

// resnet returns the residual network of that many layers.
func resnet(name string, depth int) encoder {
	return encoder{name: name, note: "a residual network and a head of two layers, features on the unit sphere",
		images: true,
		make: func(c config, shape []int) (layers.Layer, error) {
			return models.NewResNet(models.ResNetConfig{Name: "encoder", Depth: depth, Channels: shape[0],
				Width: c.Width, Features: c.Dim, Normalize: true, Seed: c.Seed})
		}}
}

// fits reports samples that the encoder cannot take.
func (e encoder) fits(shape []int) error {
	if len(shape) != 3 {
		if e.images {
			return errors.Errorf("-model %s takes images, and these are samples of shape %v: take mlp", e.name, shape)
		}
		return nil
	}
	if side := min(shape[1], shape[2]); side < e.side {
		return errors.Errorf("-model %s takes images of %d×%d and larger, and these are %d×%d: take another model",
			e.name, e.side, e.side, shape[1], shape[2])
	}
	return nil
}

// encoderNames returns what -model can name.
func encoderNames() (names []string) {
	for _, e := range encoders() {
		names = append(names, e.name)
	}
	return names
}

// encoder returns the one that -model names.
func (c config) encoder() encoder {
	for _, e := range encoders() {
		if e.name == c.Model {
			return e
		}
	}
	return encoder{}
}
