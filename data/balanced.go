package data

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Balanced is a [Source] of batches that have equally many samples of each class, up to a remainder that rotates
// among the classes. The class rates of a batch need that: they mean little for a class of only a few samples.
// Samples of small classes are seen more than once an epoch.
type Balanced struct {
	set     *Set
	cfg     BatchConfig
	batches int
	pos     Position
	of      [][]int    // the samples of each class
	order   []shuffled // of each class
}

var _ Source = (*Balanced)(nil)

// NewBalanced returns the source of balanced batches of set. Errors: ErrInput if
// an epoch would have no batch, a class has no sample, or targets are vectors.
func NewBalanced(set *Set, cfg BatchConfig) (*Balanced, error) {
	n, err := batches(set, cfg)
	if err != nil {
		return nil, errors.WithMessage(err, "data: balanced batches")
	}
	b := &Balanced{set: set, cfg: cfg, batches: n, of: set.byClass()}
	if len(b.of) == 0 {
		return nil, errors.Wrap(ErrInput, "data: balanced batches: the targets are vectors, want classes")
	}
	for c, of := range b.of {
		if len(of) == 0 {
			return nil, errors.Wrapf(ErrInput, "data: balanced batches: class %d of %d has no sample", c, len(b.of))
		}
		b.order = append(b.order, newShuffled(len(of), cfg.Seed, uint64(c)+1))
	}
	return b, nil
}

// Next implements Source. Sample t of an epoch is of class t mod k.
func (b *Balanced) Next(x, y *tensor.Dense) error {
	b = zero(b)
	if done, err := begin(b, &b.pos, x, y); done {
		return err
	}
	k := len(b.of)
	for i := range x.Shape()[0] {
		t := int(b.pos.Batch)*b.cfg.Size + i
		of, order := b.of[t%k], b.order[t%k].epoch(b.pos.Epoch)
		if err := b.set.gather(x, y, i, of[order[t/k%len(of)]]); err != nil {
			return err
		}
	}
	b.pos.Batch++
	return nil
}

// BatchSize implements Source.
func (b *Balanced) BatchSize() int { return zero(b).cfg.Size }

// Batches implements Source.
func (b *Balanced) Batches() int { return zero(b).batches }

// SampleShape implements Source.
func (b *Balanced) SampleShape() []int { return zero(b).set.safe().shape }

// TargetShape implements Source.
func (b *Balanced) TargetShape() []int { return zero(b).set.safe().batchTarget() }

// Position implements Source.
func (b *Balanced) Position() Position { return zero(b).pos }

// Seek implements Source.
func (b *Balanced) Seek(p Position) error { return seek(&zero(b).pos, p, zero(b).batches) }
