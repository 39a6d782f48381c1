package redunet

import (
	"context"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// Measure returns the rates of the features of the samples of set in net: before the first layer, and after each
// layer. It does not change net.
//
// Rᶜ is of the samples' labels or, with estimated set, of the classes that the layer just passed takes them for, as
// the authors report it; a class without samples costs nothing. Before the first layer it is of the labels. From cfg
// it takes ε², the batch size, Stream and the workers; it runs on the host. Errors: those of Build.
func Measure(ctx context.Context, net *models.ReduNet, set *data.Set, cfg Config, estimated bool) ([]Rates, error) {
	if ctx == nil {
		return nil, errors.New("redunet: measure: no context")
	}
	cfg.Net, cfg.Labels, cfg.Device = net.Config(), false, nil
	if err := cfg.check(set); err != nil {
		return nil, errors.WithMessage(err, "redunet: measure")
	}
	measure := measureOf[float64]
	if cfg.Net.Dtype == tensor.Float32 {
		measure = measureOf[float32]
	}
	rates, err := measure(ctx, net, set, cfg, estimated)
	return rates, errors.WithMessage(err, "redunet: measure")
}

func measureOf[T float32 | float64](
	ctx context.Context, net *models.ReduNet, set *data.Set, cfg Config, estimated bool,
) (rates []Rates, err error) {
	pool := par.New(cfg.Workers)
	defer pool.Close()
	b := &builder[T]{cfg: cfg, net: net, labels: set.Labels()}
	defer closing(b, &err)
	if err := b.open(pool, set); err != nil {
		return nil, err
	}
	j := &judge[T]{step: b.step, source: b.source}
	if estimated {
		if err := j.compile(cfg, net); err != nil {
			return nil, err
		}
		defer closing(j.program, &err)
	}
	for l := 0; ; l++ {
		r, err := b.sum(ctx, l)
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %d", l)
		}
		if rates = append(rates, r); l == len(net.Layers()) {
			return rates, nil
		}
		if estimated {
			if err := b.judged(ctx, j, pool, l); err != nil {
				return nil, errors.WithMessagef(err, "layer %d", l)
			}
		}
		if err := b.source.move(ctx, l); err != nil {
			return nil, errors.WithMessagef(err, "layer %d", l)
		}
	}
}

// judged makes the statistic that of the classes that layer l takes the samples for.
func (b *builder[T]) judged(ctx context.Context, j *judge[T], pool *par.Pool, l int) error {
	classes, err := j.classes(ctx, l)
	if err != nil {
		return err
	}
	var counts []int
	b.labels, counts = present(classes, b.cfg.Net.Classes)
	b.sums, err = newStatistic[T](pool, b.cfg, counts, b.net, b.source.batch)
	return err
}

// present numbers the classes that occur anew, and returns how many samples each has.
func present(classes []int, k int) (labels, counts []int) {
	number := make([]int, k)
	for _, y := range classes {
		number[y]++
	}
	for y, n := range number {
		number[y] = len(counts)
		if n > 0 {
			counts = append(counts, n)
		}
	}
	for _, y := range classes {
		labels = append(labels, number[y])
	}
	return labels, counts
}

// A judge finds the class to which a layer assigns each sample: that of its largest membership.
type judge[T float32 | float64] struct {
	step    *mover[T]
	source  *features[T]
	program *nn.Program
	z, pi   *tensor.Dense
}

func (j *judge[T]) compile(cfg Config, net *models.ReduNet) error {
	g := nn.NewGraph(nn.Eval)
	j.z = tensor.New(tensor.WithShape(net.FeatureShape(j.source.batch)...), tensor.Of(cfg.Net.Dtype))
	z, err := g.Input("z", j.z)
	if err != nil {
		return err
	}
	_, pi, err := j.step.layer.Classify(g, z, nil)
	if err != nil {
		return err
	}
	j.program, j.pi, err = compile(g, pi, cfg)
	return err
}

// classes returns those of all samples at layer l, of which the mover takes the
// parameters.
func (j *judge[T]) classes(ctx context.Context, l int) (classes []int, err error) {
	err = j.source.each(ctx, l, func(z []T, lo, n int) error {
		j.step.load(j.source.net.Layers()[l])
		copy(floats[T](j.z), z)
		if err := j.program.Run(); err != nil {
			return err
		}
		k := j.pi.Shape()[1]
		for i := range n {
			best := 0
			for c, v := range floats[T](j.pi)[i*k : (i+1)*k] {
				if v > floats[T](j.pi)[i*k+best] {
					best = c
				}
			}
			classes = append(classes, best)
		}
		return nil
	})
	return classes, err
}
