package redunet

import (
	"context"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/train"
)

// construct fills the parameters of net, or mixes them with a weight of tau.
func construct(
	ctx context.Context, set *data.Set, cfg Config, net *models.ReduNet, tau float64,
) (rates []Rates, err error) {
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
	event  train.Event
}

// A statistic sums what is needed of the features of all samples, in one pass.
type statistic[T float32 | float64] interface {
	reset() error
	// add counts the first samples of a batch, n, whose labels are given.
	add(z []T, n int, labels []int) error
	// rates returns those of what was added.
	rates() (Rates, error)
	// weights stores the parameters of a layer, in the order of its Params. It is
	// called after rates.
	weights(params [][]T) error
	close() error
}

func run[T float32 | float64](
	ctx context.Context, set *data.Set, cfg Config, net *models.ReduNet, tau float64,
) (rates []Rates, err error) {
	pool := par.New(cfg.Workers)
	defer pool.Close()
	b := &builder[T]{cfg: cfg, net: net, tau: tau, labels: set.Labels()}
	defer closing(b, &err)
	if err = b.open(pool, set); err == nil {
		rates, err = b.run(ctx)
	}
	if e := train.Hooks(cfg.Hooks).Finish(&b.event, err); err == nil {
		err = e
	}
	return rates, err
}

// open makes what b computes with.
func (b *builder[T]) open(pool *par.Pool, set *data.Set) (err error) {
	if b.step, err = newMover[T](set, b.cfg, b.net); err != nil {
		return err
	}
	if b.source, err = newFeatures[T](set, b.cfg, b.net, b.step); err != nil {
		return err
	}
	sums, err := newStatistic[T](pool, b.cfg, set.Counts(), b.net, b.source.batch)
	if err == nil { // else it may hold no statistic, and not be nil
		b.sums = sums
	}
	return err
}

// Close frees what open made, even if open failed halfway.
func (b *builder[T]) Close() error {
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	if b.sums != nil {
		keep(b.sums.close())
	}
	if b.source != nil && b.source.program != nil {
		keep(b.source.program.Close())
	}
	if b.step != nil && b.step.program != nil {
		keep(b.step.program.Close())
	}
	return first
}

// newStatistic returns that of the features of net: on the device if there is one, but
// for factors of few samples, which are little work.
func newStatistic[T float32 | float64](
	pool *par.Pool, cfg Config, counts []int, net *models.ReduNet, batch int,
) (statistic[T], error) {
	vectors := len(net.FeatureShape(1)) == 2
	switch {
	case cfg.Device == nil || cfg.Net.Rows != nil:
	case vectors:
		return newDeviceSums[T](cfg, vectorSizes(cfg, counts, batch))
	default:
		return newDeviceSums[T](cfg, spectrumSizes(cfg, counts, net.FeatureShape(1), batch))
	}
	if vectors {
		return newVectors[T](pool, cfg, counts), nil
	}
	return newSpectra[T](pool, cfg, counts, net, batch), nil
}

func (b *builder[T]) run(ctx context.Context) (rates []Rates, err error) {
	weak := 0
	for l := 0; ; l++ {
		r, err := b.before(ctx, l)
		if err == train.ErrStop && l > 0 {
			if rates = append(rates, r); b.cfg.update {
				return rates, nil
			}
			return rates, b.net.Truncate(l)
		}
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %d", l)
		}
		rates = append(rates, r)
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
		if l >= b.made() {
			if err := b.fill(b.net.Layers()[l]); err != nil {
				return nil, errors.WithMessagef(err, "layer %d", l)
			}
		}
		if err := b.source.move(ctx, l); err != nil {
			return nil, errors.WithMessagef(err, "layer %d", l)
		}
	}
}

// made returns the number of layers that are there when the construction begins.
func (b *builder[T]) made() int {
	if b.cfg.Start == nil {
		return 0
	}
	return len(b.cfg.Start.Rates)
}

// before returns the rates before layer l and tells the hooks, but for a layer that is
// there already: then they are known, and the hooks know them.
func (b *builder[T]) before(ctx context.Context, l int) (r Rates, err error) {
	if l < b.made() {
		if l == 0 && b.source.kept != nil { // the features that the layers move
			err = b.source.each(ctx, 0, func([]T, int, int) error { return nil })
		}
		return b.cfg.Start.Rates[l], err
	}
	if r, err = b.sum(ctx, l); err != nil {
		return r, err
	}
	return r, b.show(l, r)
}

// show shows the hooks the features behind so many layers.
func (b *builder[T]) show(l int, r Rates) error {
	first := b.event.Model == nil
	b.event = train.Event{Model: b.net, Step: l, Total: len(b.net.Layers()), Loss: -r.DeltaR,
		Train: []train.Metric{{Name: "R", Value: r.R}, {Name: "Rc", Value: r.Rc}, {Name: "delta_R", Value: r.DeltaR}}}
	hooks := train.Hooks(b.cfg.Hooks)
	if first {
		if err := hooks.CheckMetrics(&b.event); err != nil {
			return err
		}
	}
	err := hooks.Step(&b.event)
	if err == train.ErrStop && l == 0 {
		return errors.Errorf("a hook has stopped the construction before its first layer: %v", err)
	}
	return err
}

// sum adds up the features before layer l and returns their rates.
func (b *builder[T]) sum(ctx context.Context, l int) (Rates, error) {
	if err := b.sums.reset(); err != nil {
		return Rates{}, err
	}
	err := b.source.each(ctx, l, func(z []T, lo, n int) error { return b.sums.add(z, n, b.labels[lo:lo+n]) })
	if err != nil {
		return Rates{}, err
	}
	return b.sums.rates()
}

// fill sets the parameters of a layer.
func (b *builder[T]) fill(l *layers.ReduNet) error {
	own, scratch := l.Params(), b.step.layer.Params()
	values := make([][]T, len(own))
	for i, p := range scratch {
		values[i] = floats[T](p.Value)
	}
	if err := b.sums.weights(values); err != nil {
		return err
	}
	for i, p := range own {
		mix(floats[T](p.Value), values[i], T(b.tau), i == len(own)-1)
	}
	b.step.loaded = nil
	if b.tau == 1 {
		b.step.loaded = l
	}
	return nil
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
func closing(c io.Closer, err *error) {
	if e := c.Close(); *err == nil {
		*err = e
	}
}
