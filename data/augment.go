package data

import (
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// AugmentConfig configures NewAugmented.
type AugmentConfig struct {
	Transforms []Transform // applied in order; at least one
	Seed       uint64      // of their draws
	Workers    int         // goroutines that share the samples of a batch; 0 is GOMAXPROCS. Results do not depend on it
}

// Augmented is a [Source] of the transformed samples of another Source. The random numbers for a sample are a
// function of the seed, the epoch and the sample's place in it: the batches are the same on any number of workers,
// and after Seek.
//
// Behind a [Prefetch] it works while the trainer does:
//
//	batches → Augmented → Prefetch → train.Loop
type Augmented struct {
	src     Source
	cfg     AugmentConfig
	shapes  [][]int // before each transform, and after the last
	pool    *par.Pool
	workers []*worker

	x       buffer        // the source's batch
	batch   *tensor.Dense // the one in hand
	out     *tensor.Dense // the one to fill
	epoch   int64
	from    uint64 // the place of the batch's first sample in the epoch
	in, end int    // numbers of a sample, before and after
}

var _ Source = (*Augmented)(nil)

// A worker holds the memory of one worker.
type worker struct {
	pcg *rand.PCG
	rng *rand.Rand
	a32 [2][]float32 // between two transforms
	a64 [2][]float64
}

// NewAugmented returns the source of src's samples after the transforms. The caller must not use src afterwards.
// Errors: [ErrInput] if there is no transform, or if one cannot work on the samples that it is given.
func NewAugmented(src Source, cfg AugmentConfig) (*Augmented, error) {
	if src == nil || len(cfg.Transforms) == 0 || cfg.Workers < 0 {
		return nil, errors.Wrapf(ErrInput,
			"data: augmented: source %v, %d transforms, %d workers, want a source and at least one transform", src,
			len(cfg.Transforms), cfg.Workers)
	}
	if err := checkSource(src); err != nil {
		return nil, errors.WithMessage(err, "data: augmented")
	}
	a := &Augmented{src: src, cfg: cfg, shapes: [][]int{src.SampleShape()}}
	most := 0
	for i, t := range cfg.Transforms {
		if t == nil {
			return nil, errors.Wrapf(ErrInput, "data: augmented: transform %d is nil", i)
		}
		out, err := t.Shape(a.shapes[i])
		if err != nil {
			return nil, errors.WithMessagef(err, "data: augmented: transform %d", i)
		}
		if !fitsMemory(append([]int{src.BatchSize()}, out...)...) {
			return nil, errors.Wrapf(ErrInput,
				"data: augmented: transform %d makes samples of %v, want at most %d numbers a batch", i, out,
				maxNumbers)
		}
		a.shapes = append(a.shapes, out)
		most = max(most, size(out))
	}
	a.in, a.end = size(a.shapes[0]), size(a.SampleShape())
	if cfg.Workers != 1 {
		a.pool = par.New(min(cfg.Workers, src.BatchSize())) // more have nothing to do
	}
	for range a.pool.Workers() {
		h := &worker{pcg: rand.NewPCG(0, 0)}
		h.rng = rand.New(h.pcg)
		for i := range 2 {
			h.a32[i], h.a64[i] = make([]float32, most), make([]float64, most)
		}
		a.workers = append(a.workers, h)
	}
	return a, nil
}

// size returns the number of elements of a shape.
func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// Next implements Source.
func (a *Augmented) Next(x, y *tensor.Dense) error {
	a = zero(a)
	if a.src == nil {
		return errNone()
	}
	if err := checkBatch("x", x, a.SampleShape()); err != nil {
		return errors.WithMessage(err, "data: augmented: next")
	}
	at := a.src.Position()
	n := x.Shape()[0]
	if want := BatchSizeAt(a.src, at); n != want {
		return errors.Wrapf(ErrInput, "data: augmented: next: x is for %d samples, want %d", n, want)
	}
	if a.x.whole == nil || a.x.whole.Dtype() != x.Dtype() {
		a.x = newBuffer(a.src, a.shapes[0], x.Dtype())
	}
	a.batch = a.x.of(n)
	if err := a.src.Next(a.batch, y); err != nil {
		return err
	}
	a.out, a.epoch, a.from = x, at.Epoch, uint64(at.Batch)*uint64(a.BatchSize())
	a.pool.Run((*augmenting)(a), n, 16)
	return nil
}

// augmenting is an Augmented at work, for the pool.
type augmenting Augmented

// Range transforms the samples lo, …, hi−1.
func (a *augmenting) Range(worker, lo, hi int) {
	h := a.workers[worker]
	for i := lo; i < hi; i++ {
		h.pcg.Seed(mix(a.cfg.Seed^mix(uint64(a.epoch))), mix(streamAugment^mix(a.from+uint64(i))))
		switch a.out.Dtype() {
		case tensor.Float32:
			chain(a, h, a.out.Float32s()[i*a.end:(i+1)*a.end], a.batch.Float32s()[i*a.in:(i+1)*a.in], &h.a32,
				Transform.Apply32)
		case tensor.Float64:
			chain(a, h, a.out.Float64s()[i*a.end:(i+1)*a.end], a.batch.Float64s()[i*a.in:(i+1)*a.in], &h.a64,
				Transform.Apply64)
		}
	}
}

// chain applies the transforms to one sample.
func chain[T float32 | float64](
	a *augmenting, h *worker, dst, src []T, between *[2][]T,
	apply func(t Transform, dst, src []T, in []int, rng *rand.Rand),
) {
	last := len(a.cfg.Transforms) - 1
	for i, t := range a.cfg.Transforms {
		to := dst
		if i < last {
			to = between[i%2][:size(a.shapes[i+1])]
		}
		apply(t, to, src, a.shapes[i], h.rng)
		src = to
	}
}

// mix is the finaliser of SplitMix64, a bijection whose values for neighbours have
// nothing in common.
//
// Reference: Steele, Lea, Flood. Fast splittable pseudorandom number generators.
// OOPSLA 2014.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// BatchSize implements Source.
func (a *Augmented) BatchSize() int { return orNone(zero(a).src).BatchSize() }

// Batches implements Source.
func (a *Augmented) Batches() int { return orNone(zero(a).src).Batches() }

// SampleShape implements Source: that after the transforms.
func (a *Augmented) SampleShape() []int {
	a = zero(a)
	if len(a.shapes) == 0 {
		return []int{}
	}
	return a.shapes[len(a.shapes)-1]
}

// TargetShape implements Source.
func (a *Augmented) TargetShape() []int { return orNone(zero(a).src).TargetShape() }

// Position implements Source.
func (a *Augmented) Position() Position { return orNone(zero(a).src).Position() }

// Seek implements Source.
func (a *Augmented) Seek(p Position) error { return orNone(zero(a).src).Seek(p) }
