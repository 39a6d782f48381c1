package data

import (
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// FirstBatches is a Source of the first batches of another one's first epoch, the same in
// each of its own epochs: a model that cannot learn these has a fault.
type FirstBatches struct {
	src Source
	n   int
	pos Position
}

var (
	_ Ragged   = (*FirstBatches)(nil)
	_ Weighted = (*FirstBatches)(nil)
	_ Indexer  = (*FirstBatches)(nil)
)

// NewFirstBatches returns the source of the first n batches of src, or of all if there are fewer. The caller must not
// use src afterwards. Errors: ErrInput without a source, or for n below 1.
func NewFirstBatches(src Source, n int) (*FirstBatches, error) {
	if src == nil || n < 1 {
		return nil, errors.Wrapf(ErrInput, "data: first batches: source %v, %d batches, want a source and at least 1",
			src, n)
	}
	if err := checkSource(src); err != nil {
		return nil, errors.WithMessage(err, "data: first batches")
	}
	return &FirstBatches{src: src, n: min(n, src.Batches())}, nil
}

// Next implements Source.
func (f *FirstBatches) Next(x, y *tensor.Dense) error {
	f = zero(f)
	if f.src == nil {
		return errNone()
	}
	if int(f.pos.Batch) == f.n {
		f.pos = Position{Epoch: f.pos.Epoch + 1}
		return io.EOF
	}
	if at := (Position{Batch: f.pos.Batch}); f.src.Position() != at {
		if err := f.src.Seek(at); err != nil {
			return err
		}
	}
	if err := f.src.Next(x, y); err != nil {
		return err
	}
	f.pos.Batch++
	return nil
}

// BatchSize implements Source.
func (f *FirstBatches) BatchSize() int { return orNone(zero(f).src).BatchSize() }

// Batches implements Source.
func (f *FirstBatches) Batches() int { return zero(f).n }

// SampleShape implements Source.
func (f *FirstBatches) SampleShape() []int { return orNone(zero(f).src).SampleShape() }

// TargetShape implements Source.
func (f *FirstBatches) TargetShape() []int { return orNone(zero(f).src).TargetShape() }

// Position implements Source.
func (f *FirstBatches) Position() Position { return zero(f).pos }

// Seek implements Source.
func (f *FirstBatches) Seek(p Position) error { return seek(&zero(f).pos, p, zero(f).n) }

// LastBatchSize implements Ragged.
func (f *FirstBatches) LastBatchSize() int {
	f = zero(f)
	return BatchSizeAt(orNone(f.src), Position{Batch: int64(f.n - 1)})
}

// HasWeights implements Weighted.
func (f *FirstBatches) HasWeights() bool { return HasWeights(zero(f).src) }

// SampleAt implements Indexer.
func (f *FirstBatches) SampleAt(p Position, row int) int {
	f = zero(f)
	if p.Batch < 0 || p.Epoch < 0 {
		return -1
	}
	return sampleAt(f.src, Position{Batch: begins(p, f.n).Batch}, row)
}

// FirstBatchesSettings is what the batches of a FirstBatches depend on.
type FirstBatchesSettings struct {
	Source  Source
	Batches int
}

// Config returns what the batches depend on.
func (f *FirstBatches) Config() FirstBatchesSettings {
	f = zero(f)
	return FirstBatchesSettings{f.src, f.n}
}
