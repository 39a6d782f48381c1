package models

import (
	"cmp"
	"encoding/json"
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/layers"
)

// A Kind is a type of network that Save writes and Load makes anew. Those of this package, and stock
// layers, are known; one of your own is made by KindOf and passed to both.
type Kind struct {
	name   string
	config func(layers.Layer) (config any, ok bool)
	make   func(config json.RawMessage, dt tensor.Dtype) (layers.Layer, error)
	least  func(config json.RawMessage) float64 // weights that it has at least; nil is unknown
}

// KindOf returns the Kind of networks of type L, which newL makes from a configuration and whose
// configuration config returns:
//
//	models.KindOf("example.com/wine.Net", NewNet, (*Net).Config)
//
// C becomes JSON by its exported fields. Of them, those that are interfaces or functions, as
// initial values are, are left out, and a Dtype is set to that of the weights.
func KindOf[C any, L layers.Layer](name string, newL func(C) (L, error), config func(L) C) Kind {
	k := Kind{name: name}
	if newL == nil || config == nil {
		return k
	}
	k.config = func(l layers.Layer) (any, bool) {
		own, ok := l.(L)
		if !ok || given.Nil(l) {
			return nil, false
		}
		return plain(config(own)), true
	}
	k.make = func(text json.RawMessage, dt tensor.Dtype) (layers.Layer, error) {
		var c C
		if err := json.Unmarshal(text, &c); err != nil {
			return nil, errors.WithStack(err)
		}
		setDtype(&c, dt)
		return newL(c)
	}
	return k
}

// plain returns a configuration without what is no JSON.
func plain[C any](c C) C {
	v := reflect.ValueOf(&c).Elem()
	if v.Kind() != reflect.Struct {
		return c
	}
	for i := range v.NumField() {
		f := v.Field(i)
		drop := f.Kind() == reflect.Interface || f.Kind() == reflect.Func || f.Type() == reflect.TypeFor[tensor.Dtype]()
		if f.CanSet() && drop {
			f.SetZero()
		}
	}
	return c
}

// setDtype sets the fields of a configuration that are a Dtype.
func setDtype[C any](c *C, dt tensor.Dtype) {
	v := reflect.ValueOf(c).Elem()
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		if f := v.Field(i); f.CanSet() && f.Type() == reflect.TypeFor[tensor.Dtype]() {
			f.Set(reflect.ValueOf(dt))
		}
	}
}

// value returns the Kind of a layer that is its own configuration.
func value[L layers.Layer](name string) Kind {
	return KindOf(name, func(l L) (L, error) { return l, nil }, func(l L) L { return l })
}

// atLeast returns k, of which it is known how many weights it has at least.
func atLeast[C any](k Kind, least func(C) float64) Kind {
	k.least = func(text json.RawMessage) float64 {
		var c C
		if json.Unmarshal(text, &c) != nil { // as make will say
			return 0
		}
		return least(c)
	}
	return k
}

// configOf returns what a network of this package was made of.
func configOf[C any](c chain) C {
	own, _ := c.made.(C)
	return own
}

func weightsOfMLP(c MLPConfig) (n float64) {
	for i := range len(c.Dims) - 1 {
		n += float64(c.Dims[i]) * float64(c.Dims[i+1])
	}
	return n
}

// weightsOfImages is of the last convolution, the first and the head of a network of images.
func weightsOfImages(channels, width, features int, noHead bool) float64 {
	w := float64(cmp.Or(width, 64))
	n := 9*8*8*w*w + 9*w*float64(cmp.Or(channels, 3))
	if !noHead {
		n += 8 * w * float64(cmp.Or(features, 128))
	}
	return n
}

func weightsOfConv(c layers.ConvConfig) float64 {
	return float64(c.In) / float64(max(c.Groups, 1)) * float64(c.Out) * float64(c.Kernel[0]) * float64(c.Kernel[1])
}

// stock returns the kinds that are known.
func stock() []Kind {
	return []Kind{
		atLeast(KindOf("MLP", NewMLP, func(m *MLP) MLPConfig { return configOf[MLPConfig](m.chain) }), weightsOfMLP),
		atLeast(KindOf("ResNet", NewResNet, func(m *ResNet) ResNetConfig { return configOf[ResNetConfig](m.chain) }),
			func(c ResNetConfig) float64 { return weightsOfImages(c.Channels, c.Width, c.Features, c.NoHead) }),
		atLeast(KindOf("VGG11", NewVGG11, func(m *VGG11) VGG11Config { return configOf[VGG11Config](m.chain) }),
			func(c VGG11Config) float64 { return weightsOfImages(c.Channels, c.Width, c.Features, c.NoHead) }),
		atLeast(KindOf("Linear", layers.NewLinear, (*layers.Linear).Config),
			func(c layers.LinearConfig) float64 { return float64(c.In) * float64(c.Out) }),
		atLeast(KindOf("LayerNorm", layers.NewLayerNorm, (*layers.LayerNorm).Config),
			func(c layers.LayerNormConfig) float64 { return float64(c.Dim) }),
		atLeast(KindOf("BatchNorm", layers.NewBatchNorm, (*layers.BatchNorm).Config),
			func(c layers.BatchNormConfig) float64 { return float64(c.Channels) }),
		atLeast(KindOf("Conv2D", layers.NewConv2D, (*layers.Conv2D).Config), weightsOfConv),
		atLeast(KindOf("ConvTranspose2D", layers.NewConvTranspose2D, (*layers.ConvTranspose2D).Config), weightsOfConv),
		value[layers.ReLU]("ReLU"), value[layers.Flatten]("Flatten"), value[layers.Normalize]("Normalize"),
		value[layers.Dropout]("Dropout"), value[layers.MaxPool]("MaxPool"),
		value[layers.GlobalAveragePool]("GlobalAveragePool"),
	}
}

// A made is a network as the file has it: a Kind and its configuration, or parts.
type made struct {
	Kind   string          `json:"kind"`
	Config json.RawMessage `json:"config,omitempty"`
	Parts  []made          `json:"parts,omitempty"`
}

// The kinds that have parts.
const (
	sequential = "Sequential"
	classifier = "Classifier"
)

// describe returns how a network is made.
func describe(l layers.Layer, kinds []Kind) (made, error) {
	var parts []layers.Layer
	m := made{}
	switch l := l.(type) {
	case layers.Sequential:
		m.Kind, parts = sequential, l
	case Classifier:
		m.Kind, parts = classifier, []layers.Layer{l.Encoder, l.Head}
	default:
		return describeOne(l, kinds)
	}
	for _, p := range parts {
		part, err := describe(p, kinds)
		if err != nil {
			return m, err
		}
		m.Parts = append(m.Parts, part)
	}
	return m, nil
}

func describeOne(l layers.Layer, kinds []Kind) (made, error) {
	for _, k := range kinds {
		config, ok := k.config(l)
		if !ok {
			continue
		}
		text, err := json.Marshal(config)
		return made{Kind: k.name, Config: text}, errors.Wrapf(err, "the configuration of a %s", k.name)
	}
	return made{}, errors.Errorf("a %T is of no known Kind: make one by KindOf, and pass it", l)
}

// deepest is how deep parts of parts may lie.
const deepest = 100

// build makes the network, of a file that holds so many weights.
func (m made) build(kinds []Kind, dt tensor.Dtype, weights float64, depth int) (layers.Layer, error) {
	if depth > deepest {
		return nil, errors.Errorf("parts lie more than %d deep", deepest)
	}
	if m.Kind != sequential && m.Kind != classifier {
		for _, k := range kinds {
			if k.name == m.Kind {
				if k.least != nil && k.least(m.Config) > weights {
					return nil, errors.Errorf("a %s of %.3g weights, and the file holds %.0f", k.name,
						k.least(m.Config),
						weights)
				}
				l, err := k.make(m.Config, dt)
				return l, errors.WithMessagef(err, "a %s", k.name)
			}
		}
		return nil, errors.Errorf("a network of the Kind %q, which is not known: make it by KindOf, and pass it",
			m.Kind)
	}
	parts := make(layers.Sequential, len(m.Parts))
	for i, p := range m.Parts {
		var err error
		if parts[i], err = p.build(kinds, dt, weights, depth+1); err != nil {
			return nil, err
		}
	}
	if m.Kind == sequential {
		return parts, nil
	}
	if len(parts) != 2 {
		return nil, errors.Errorf("a Classifier of %d parts, want 2", len(parts))
	}
	return Classifier{Encoder: parts[0], Head: parts[1]}, nil
}
