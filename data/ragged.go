package data

import "gorgonia.org/tensor"

// A Ragged is a [Source] whose epochs may end with a batch that is smaller than the others: the x and y that are
// passed to Next must then have as many rows as that batch.
type Ragged interface {
	Source
	LastBatchSize() int // samples of the last batch of an epoch, from 1 to BatchSize
}

var (
	_ Ragged = (*Batches)(nil)
	_ Ragged = (*Balanced)(nil)
	_ Ragged = (*Augmented)(nil)
	_ Ragged = (*Prefetch)(nil)
	_ Ragged = (*Reconstruct)(nil)
)

// BatchSizeAt returns the number of samples of the batch that Next gives at a position, after a
// call that ends an epoch: BatchSize, or the LastBatchSize of a Ragged.
func BatchSizeAt(s Source, p Position) int {
	if s == nil {
		return 0
	}
	if n := s.Batches(); begins(p, n).Batch == int64(n-1) {
		return lastOf(s)
	}
	return s.BatchSize()
}

// lastOf returns the number of samples of the last batch of an epoch.
func lastOf(s Source) int {
	if r, ok := orNone(s).(Ragged); ok {
		return r.LastBatchSize()
	}
	return orNone(s).BatchSize()
}

// lastOfSet returns that of a set's batches.
func lastOfSet(set *Set, cfg BatchConfig) int {
	if left := set.safe().Len(); cfg.Last == ShortLast && cfg.Size > 0 && left%cfg.Size != 0 {
		return left % cfg.Size
	}
	return cfg.Size
}

// LastBatchSize implements Ragged.
func (b *Batches) LastBatchSize() int { return lastOfSet(zero(b).set, zero(b).cfg) }

// LastBatchSize implements Ragged.
func (b *Balanced) LastBatchSize() int { return lastOfSet(zero(b).set, zero(b).cfg) }

// LastBatchSize implements Ragged.
func (a *Augmented) LastBatchSize() int { return lastOf(zero(a).src) }

// LastBatchSize implements Ragged.
func (p *Prefetch) LastBatchSize() int { return lastOf(zero(p).src) }

// LastBatchSize implements Ragged.
func (r *Reconstruct) LastBatchSize() int { return lastOf(zero(r).Source) }

// A buffer is memory for batches of two sizes.
type buffer struct{ whole, last *tensor.Dense }

// newBuffer returns memory for the batches of s, of samples or targets of a shape.
func newBuffer(s Source, shape []int, dt tensor.Dtype) buffer {
	n, last := s.BatchSize(), lastOf(s)
	b := buffer{whole: tensor.New(tensor.WithShape(append([]int{n}, shape...)...), tensor.Of(dt))}
	if b.last = b.whole; last != n {
		b.last = tensor.New(tensor.WithShape(append([]int{last}, shape...)...), tensor.Of(dt))
	}
	return b
}

// of returns the memory for a batch of n samples.
func (b buffer) of(n int) *tensor.Dense {
	if n == b.last.Shape()[0] {
		return b.last
	}
	return b.whole
}
