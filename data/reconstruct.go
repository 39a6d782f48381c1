package data

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Reconstruct is a [Source] whose targets are its samples, for losses under which a network has to reconstruct its
// input.
type Reconstruct struct {
	Source
	targets map[tensor.Dtype]buffer // which are not used
}

var _ Source = (*Reconstruct)(nil)

// NewReconstruct returns the samples of s as targets too. Errors: ErrInput without
// an s.
func NewReconstruct(s Source) (*Reconstruct, error) {
	if s == nil {
		return nil, errors.Wrap(ErrInput, "data: reconstruct: no source")
	}
	if err := checkSource(s); err != nil {
		return nil, errors.WithMessage(err, "data: reconstruct")
	}
	if HasWeights(s) {
		return nil, errors.Wrap(ErrInput, "data: reconstruct: the samples have weights, which would be lost: take "+
			"them away by WithWeights(nil)")
	}
	r := &Reconstruct{Source: s, targets: make(map[tensor.Dtype]buffer)}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		r.targets[dt] = newBuffer(s, s.TargetShape(), dt)
	}
	return r, nil
}

// TargetShape implements Source.
func (r *Reconstruct) TargetShape() []int { return zero(r).SampleShape() }

// BatchSize implements Source.
func (r *Reconstruct) BatchSize() int { return orNone(zero(r).Source).BatchSize() }

// Batches implements Source.
func (r *Reconstruct) Batches() int { return orNone(zero(r).Source).Batches() }

// SampleShape implements Source.
func (r *Reconstruct) SampleShape() []int { return orNone(zero(r).Source).SampleShape() }

// Position implements Source.
func (r *Reconstruct) Position() Position { return orNone(zero(r).Source).Position() }

// Seek implements Source.
func (r *Reconstruct) Seek(p Position) error { return orNone(zero(r).Source).Seek(p) }

// Next implements Source.
func (r *Reconstruct) Next(x, y *tensor.Dense) error {
	r = zero(r)
	if r.Source == nil || r.targets == nil {
		return errNone()
	}
	if err := checkBatch("y", y, r.SampleShape()); err != nil {
		return errors.WithMessage(err, "data: next")
	}
	if x == nil || x.Dtype() != y.Dtype() || x.Size() != y.Size() {
		return errors.Wrapf(ErrInput, "data: next: x is nil, or not %v of %d numbers as the target is", y.Dtype(),
			y.Size())
	}
	n := BatchSizeAt(r.Source, r.Source.Position())
	if err := r.Source.Next(x, r.targets[y.Dtype()].of(n)); err != nil {
		return err
	}
	if y.Dtype() == tensor.Float32 {
		copy(y.Float32s(), x.Float32s())
	} else {
		copy(y.Float64s(), x.Float64s())
	}
	return nil
}
