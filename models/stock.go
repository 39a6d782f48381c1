package models

import (
	"cmp"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/layers"
)

// stock returns the kinds that are known.
func stock() []Kind {
	return append(append(networks(), unrolled()...), stockLayers()...)
}

// networks are those of this package, and of parts.
func networks() []Kind {
	type none struct{}
	return []Kind{
		whole("Sequential", -1,
			func(s layers.Sequential) (none, []layers.Layer) { return none{}, s },
			func(_ none, parts []layers.Layer) (layers.Layer, error) { return layers.Sequential(parts), nil }),
		whole("Classifier", 2,
			func(c Classifier) (none, []layers.Layer) { return none{}, []layers.Layer{c.Encoder, c.Head} },
			func(_ none, parts []layers.Layer) (layers.Layer, error) {
				return Classifier{Encoder: parts[0], Head: parts[1]}, nil
			}),
		whole("LISTANet", 1,
			func(m *LISTANet) (LISTANetConfig, []layers.Layer) {
				return m.cfg, []layers.Layer{m.cfg.Body}
			},
			func(c LISTANetConfig, parts []layers.Layer) (layers.Layer, error) {
				body, ok := parts[0].(layers.Unrolled)
				if !ok {
					return nil, errors.Errorf("its part is a %T, want an unrolled network", parts[0])
				}
				c.Body = body
				return NewLISTANet(c)
			}),
		kindOf("MLP", NewMLP, func(m *MLP) MLPConfig { return configOf[MLPConfig](m.chain) }, weightsOfMLP),
		kindOf("ResNet", NewResNet, func(m *ResNet) ResNetConfig { return configOf[ResNetConfig](m.chain) },
			func(c ResNetConfig) float64 { return weightsOfImages(c.Channels, c.Width, c.Features, c.NoHead) }),
		kindOf("VGG11", NewVGG11, func(m *VGG11) VGG11Config { return configOf[VGG11Config](m.chain) },
			func(c VGG11Config) float64 { return weightsOfImages(c.Channels, c.Width, c.Features, c.NoHead) }),
		kindOf("ReduNet", NewReduNet, (*ReduNet).Config, weightsOfReduNet),
	}
}

// unrolled are the networks of the LISTA family.
func unrolled() []Kind {
	return []Kind{
		kindOf("LISTA", layers.NewLISTA, (*layers.LISTA).Config, func(c layers.LISTAConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, true)
		}),
		kindOf("LISTACP", layers.NewLISTACP, (*layers.LISTACP).Config, func(c layers.LISTACPConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, false)
		}),
		kindOf("TiLISTA", layers.NewTiLISTA, (*layers.TiLISTA).Config, func(c layers.TiLISTAConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, false)
		}),
		kindOf("ALISTA", layers.NewALISTA, (*layers.ALISTA).Config, func(c layers.ALISTAConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, false) // A and W
		}),
		kindOf("StepLISTA", layers.NewStepLISTA, (*layers.StepLISTA).Config, func(c layers.StepLISTAConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 1, false)
		}),
		kindOf("GLISTA", layers.NewGLISTA, (*layers.GLISTA).Config, func(c layers.GLISTAConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, false)
		}),
		kindOf("LFISTA", layers.NewLFISTA, (*layers.LFISTA).Config, func(c layers.LFISTAConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, true)
		}),
		kindOf("LIHT", layers.NewLIHT, (*layers.LIHT).Config, func(c layers.LIHTConfig) float64 {
			n := weightsOfUnrolled(c.UnrollConfig, 2, true)
			if c.Sparsity > 0 { // no thresholds
				n -= float64(c.Layers)
			}
			return n
		}),
		kindOf("LAMP", layers.NewLAMP, (*layers.LAMP).Config, func(c layers.LAMPConfig) float64 {
			return weightsOfUnrolled(c.UnrollConfig, 2, false)
		}),
	}
}

// stockLayers are those of package layers that a Sequential is made of.
func stockLayers() []Kind {
	return []Kind{
		kindOf("Linear", layers.NewLinear, (*layers.Linear).Config,
			func(c layers.LinearConfig) float64 { return float64(c.In) * float64(c.Out) }),
		kindOf("LayerNorm", layers.NewLayerNorm, (*layers.LayerNorm).Config,
			func(c layers.LayerNormConfig) float64 { return float64(c.Dim) }),
		kindOf("BatchNorm", layers.NewBatchNorm, (*layers.BatchNorm).Config,
			func(c layers.BatchNormConfig) float64 { return float64(c.Channels) }),
		kindOf("Embedding", layers.NewEmbedding, (*layers.Embedding).Config,
			func(c layers.EmbeddingConfig) float64 { return float64(c.Rows) * float64(c.Dim) }),
		kindOf("PReLU", layers.NewPReLU, (*layers.PReLU).Config,
			func(c layers.PReLUConfig) float64 { return float64(c.Dim) }),
		kindOf("Conv2D", layers.NewConv2D, (*layers.Conv2D).Config, weightsOfConv),
		kindOf("ConvTranspose2D", layers.NewConvTranspose2D, (*layers.ConvTranspose2D).Config, weightsOfConv),
		kindOf("RandomConv", layers.NewRandomConv, (*layers.RandomConv).Config,
			func(c layers.RandomConvConfig) float64 {
				return product(append([]int{c.In, c.Out}, c.Window...)...)
			}),
		kindOf("ReduNetLayer", layers.NewReduNet, (*layers.ReduNet).Config, func(c layers.ReduNetConfig) float64 {
			return product(max(c.Freqs, 1), c.Dim, c.Dim)
		}),
		value[layers.ReLU]("ReLU"), value[layers.Tanh]("Tanh"), value[layers.Sigmoid]("Sigmoid"),
		value[layers.SiLU]("SiLU"), value[layers.Softplus]("Softplus"), value[layers.GELU]("GELU"),
		value[layers.LeakyReLU]("LeakyReLU"), value[layers.Flatten]("Flatten"),
		value[layers.Normalize]("Normalize"), value[layers.Dropout]("Dropout"), value[layers.MaxPool]("MaxPool"),
		value[layers.AveragePool]("AveragePool"), value[layers.GlobalAveragePool]("GlobalAveragePool"),
	}
}

// value returns the Kind of a layer that is its own configuration.
func value[L layers.Layer](name string) Kind {
	return KindOf(name, func(l L) (L, error) { return l, nil }, func(l L) L { return l })
}

// configOf returns what a network of this package was made of.
func configOf[C any](c chain) C {
	own, _ := c.made.(C)
	return own
}

func product(sides ...int) float64 {
	n := 1.0
	for _, s := range sides {
		n *= float64(s)
	}
	return n
}

func weightsOfMLP(c MLPConfig) (n float64) {
	for i := range len(c.Dims) - 1 {
		n += product(c.Dims[i], c.Dims[i+1])
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
	return product(c.In, c.Out, c.Kernel[0], c.Kernel[1]) / float64(max(c.Groups, 1))
}

// weightsOfReduNet is of the E and the γ of all layers; Cⱼ may be factored.
func weightsOfReduNet(c ReduNetConfig) float64 {
	d, freqs := c.Channels, 1
	if d == 0 && len(c.Shape) > 0 {
		d = c.Shape[0]
	}
	if len(c.Shape) > 1 {
		freqs = 2 * (c.Shape[1]/2 + 1)
	}
	if len(c.Shape) > 2 {
		freqs *= c.Shape[2]
	}
	each := product(freqs, d, d)
	if c.Rows == nil {
		each *= 1 + float64(c.Classes)
	}
	return float64(c.Layers) * (each + float64(c.Classes))
}

// weightsOfUnrolled is of so many matrices as the dictionary, a number a layer and, with a W that couples codes,
// d² more from the second layer on.
func weightsOfUnrolled(c layers.UnrollConfig, dictionaries int, couples bool) float64 {
	if c.A == nil || c.A.IsEmpty() { // as New says
		return 0
	}
	m, d := c.A.Dims()
	n := float64(dictionaries)*product(m, d) + float64(max(c.Layers, 1))
	if couples && c.Layers != 1 {
		n += product(d, d)
	}
	return n
}
