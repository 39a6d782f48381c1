package redunet

import (
	"context"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// construct fills the parameters of net, or mixes them with a weight of tau.
func construct(ctx context.Context, set *data.Set, cfg Config, net *models.ReduNet, tau float64) (rates []Rates, err error) {
	if cfg.Net.Dtype == tensor.Float32 {
		return run[float32](ctx, set, cfg, net, tau)
	}
	return run[float64](ctx, set, cfg, net, tau)
}

// A builder is one construction.
type builder[T float32 | float64] struct {
	cfg    Config
	net    *models.ReduNet
	tau    float64
	labels []int
	source *features[T]
	sums   statistic[T]
	step   *mover[T]
}

// A statistic is what is summed of the features of all samples, in one pass.
type statistic[T float32 | float64] interface {
	reset()
	// add counts the first samples of a batch, n, whose labels are given.
	add(z []T, n int, labels []int)
	// rates returns those of what was added.
	rates() (Rates, error)
	// weights stores the parameters of a layer, in the order of its Params. It is
	// called after rates.
	weights(params [][]T)
}

func run[T float32 | float64](ctx context.Context, set *data.Set, cfg Config, net *models.ReduNet, tau float64) (rates []Rates, err error) {
	pool := par.New(cfg.Workers)
	defer pool.Close()
	b := &builder[T]{cfg: cfg, net: net, tau: tau, labels: set.Labels()}
	if b.step, err = newMover[T](set, cfg, net); err != nil {
		return nil, err
	}
	defer closing(b.step.program, &err)
	if b.source, err = newFeatures[T](set, cfg, net, b.step); err != nil {
		return nil, err
	}
	defer closing(b.source.program, &err)
	if len(net.FeatureShape(1)) == 2 {
		b.sums = newVectors[T](pool, cfg, set.Counts())
	} else {
		b.sums = newSpectra[T](pool, cfg, set.Counts(), net, b.source.batch)
	}
	return b.run(ctx)
}

func (b *builder[T]) run(ctx context.Context) (rates []Rates, err error) {
	weak := 0
	for l := 0; ; l++ {
		r, err := b.sum(ctx, l)
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %d", l)
		}
		rates = append(rates, r)
		for _, h := range b.cfg.Hooks {
			if err := h.Layer(Event{Layer: l, Layers: len(b.net.Layers()), Rates: r}); err != nil {
				return nil, errors.WithMessagef(err, "layer %d", l)
			}
		}
		if l > 0 && r.DeltaR-rates[l-1].DeltaR < b.cfg.MinGain*rates[l-1].DeltaR {
			weak++
		} else {
			weak = 0
		}
		if b.cfg.Patience > 0 && weak >= b.cfg.Patience && l > weak {
			return rates[:l+1-weak], b.net.Truncate(l - weak)
		}
		if l == len(b.net.Layers()) {
			return rates, nil
		}
		b.fill(b.net.Layers()[l])
		if err := b.source.move(ctx, l); err != nil {
			return nil, errors.WithMessagef(err, "layer %d", l)
		}
	}
}

// sum adds up the features before layer l and returns their rates.
func (b *builder[T]) sum(ctx context.Context, l int) (Rates, error) {
	b.sums.reset()
	err := b.source.each(ctx, l, func(z []T, lo, n int) error {
		b.sums.add(z, n, b.labels[lo:lo+n])
		return nil
	})
	if err != nil {
		return Rates{}, err
	}
	return b.sums.rates()
}

// fill sets the parameters of a layer.
func (b *builder[T]) fill(l *layers.ReduNet) {
	own, scratch := l.Params(), b.step.layer.Params()
	values := make([][]T, len(own))
	for i, p := range scratch {
		values[i] = floats[T](p.Value)
	}
	b.sums.weights(values)
	for i, p := range own {
		mix(floats[T](p.Value), values[i], T(b.tau), i == len(own)-1)
	}
	b.step.loaded = nil
	if b.tau == 1 {
		b.step.loaded = l
	}
}

// mix computes old ← (1−τ) old + τ new, or leaves old where it is fixed and τ < 1.
func mix[T float32 | float64](old, now []T, tau T, fixed bool) {
	switch {
	case tau == 1:
		copy(old, now)
	case !fixed:
		for i, v := range now {
			old[i] += tau * (v - old[i])
		}
	}
}

// floats returns the memory of a tensor of T.
func floats[T float32 | float64](v *tensor.Dense) []T {
	if s, ok := v.Data().([]T); ok {
		return s
	}
	return nil
}

// closing closes what a function opened, when it returns.
func closing(p *nn.Program, err *error) {
	if p == nil {
		return
	}
	if e := p.Close(); *err == nil {
		*err = e
	}
}
