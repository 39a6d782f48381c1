package redunet

import (
	"context"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// features are those of all samples, batch by batch: kept, or computed again from
// the samples and the layers that are done.
type features[T float32 | float64] struct {
	set     *data.Set
	net     *models.ReduNet
	step    *mover[T]
	program *nn.Program // from samples to the features before the first layer
	x, z    *tensor.Dense
	batch   int
	kept    [][]T // nil if they are not
}

func newFeatures[T float32 | float64](
	set *data.Set, cfg Config, net *models.ReduNet, step *mover[T],
) (*features[T], error) {
	f := &features[T]{set: set, net: net, step: step, batch: cfg.batch(set.Len(), size(net))}
	f.x = tensor.New(tensor.WithShape(slices.Concat([]int{f.batch}, set.Shape())...), tensor.Of(cfg.Net.Dtype))
	g := nn.NewGraph(nn.Eval)
	x, err := g.Input("x", f.x)
	if err != nil {
		return nil, err
	}
	z, err := net.Enter(g, x)
	if err != nil {
		return nil, err
	}
	if f.program, f.z, err = compile(g, z, cfg); err != nil {
		return nil, err
	}
	if !cfg.Stream {
		f.kept = make([][]T, (set.Len()+f.batch-1)/f.batch)
	}
	return f, nil
}

// each calls do for each batch with the features before layer l, the first sample
// and the number of samples.
func (f *features[T]) each(ctx context.Context, l int, do func(z []T, lo, n int) error) error {
	for lo := 0; lo < f.set.Len(); lo += f.batch {
		if err := ctx.Err(); err != nil {
			return errors.WithStack(err)
		}
		n := min(f.batch, f.set.Len()-lo)
		z, err := f.before(l, lo, n)
		if err != nil {
			return err
		}
		if err := do(z, lo, n); err != nil {
			return err
		}
	}
	return nil
}

// before returns the features of one batch before layer l.
func (f *features[T]) before(l, lo, n int) ([]T, error) {
	if f.kept != nil && l > 0 {
		return f.kept[lo/f.batch], nil
	}
	if l == 0 {
		if err := f.notZero(lo, n); err != nil {
			return nil, err
		}
	}
	if err := f.set.Fill(f.x, lo, n); err != nil {
		return nil, err
	}
	if err := f.program.Run(); err != nil {
		return nil, err
	}
	z := floats[T](f.z)
	if f.kept != nil {
		f.kept[lo/f.batch] = slices.Clone(z)
		return f.kept[lo/f.batch], nil
	}
	for _, layer := range f.net.Layers()[:l] {
		f.step.load(layer)
		if err := f.step.run(z, z, lo, n); err != nil {
			return nil, err
		}
	}
	return z, nil
}

// notZero reports a sample that has no direction.
func (f *features[T]) notZero(lo, n int) error {
	var row []float64
	for i := lo; i < lo+n; i++ {
		var err error
		if row, err = f.set.Row(row[:0], i); err != nil {
			return err
		}
		if !slices.ContainsFunc(row, func(v float64) bool { return v != 0 }) {
			return errors.Wrapf(ErrInput, "sample %d of class %d is 0 and cannot be put on the sphere: leave it out", i,
				f.set.Labels()[i])
		}
	}
	return nil
}

// move applies layer l, whose parameters the mover holds, to the features that are
// kept.
func (f *features[T]) move(ctx context.Context, l int) error {
	if f.kept == nil {
		return nil
	}
	for b, z := range f.kept {
		if err := ctx.Err(); err != nil {
			return errors.WithStack(err)
		}
		f.step.load(f.net.Layers()[l])
		lo := b * f.batch
		if err := f.step.run(z, z, lo, min(f.batch, f.set.Len()-lo)); err != nil {
			return err
		}
	}
	return nil
}

// compile returns the program of one node and where its value lies.
func compile(g *nn.Graph, out *gorgonia.Node, cfg Config) (*nn.Program, *tensor.Dense, error) {
	p, err := nn.Compile(g, nn.Outputs{Values: []*gorgonia.Node{out}}, nn.Options{Workers: cfg.Workers,
		Device: cfg.Device})
	if err != nil {
		return nil, nil, err
	}
	v, err := p.Value(out)
	return p, v, err
}

// byClass calls put for every sample with its place among them class after class, in
// each in the order of the samples; class j has the places starts[j], …, starts[j+1]−1.
func byClass(starts, labels []int, put func(place, i int)) {
	clear(starts)
	for _, y := range labels {
		starts[y+1]++
	}
	for j := range len(starts) - 1 {
		starts[j+1] += starts[j]
	}
	for i, y := range labels {
		put(starts[y], i)
		starts[y]++ // now where the class ends
	}
	copy(starts[1:], starts)
	starts[0] = 0
}
