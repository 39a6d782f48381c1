package data

// An Indexer is a [Source] that knows which sample of its [Set] is in which row of a batch, for error messages. It
// may be asked while another goroutine takes batches.
type Indexer interface {
	// SampleAt returns the number in the Set of the sample in a row of the batch that
	// Next makes at p, −1 if it is not known.
	SampleAt(p Position, row int) int
}

var (
	_ Indexer = (*Batches)(nil)
	_ Indexer = (*Balanced)(nil)
	_ Indexer = (*Augmented)(nil)
	_ Indexer = (*Prefetch)(nil)
	_ Indexer = (*Reconstruct)(nil)
)

// begins returns the position of the batch that Next makes at p, after a call that
// ends an epoch.
func begins(p Position, batches int) Position {
	if p.Batch >= int64(batches) {
		return Position{Epoch: p.Epoch + 1}
	}
	return p
}

// SampleAt implements Indexer.
func (b *Batches) SampleAt(p Position, row int) int {
	if b == nil || row < 0 || row >= b.cfg.Size || p.Batch < 0 || p.Epoch < 0 {
		return -1
	}
	p = begins(p, b.batches)
	if row >= BatchSizeAt(b, p) {
		return -1
	}
	i := (int(p.Batch)*b.cfg.Size + row) % b.set.Len()
	if !b.cfg.Shuffle {
		return i
	}
	order := newShuffled(b.set.Len(), b.cfg.Seed, 0)
	return order.epoch(p.Epoch)[i]
}

// SampleAt implements Indexer.
func (b *Balanced) SampleAt(p Position, row int) int {
	if b == nil || row < 0 || row >= b.cfg.Size || p.Batch < 0 || p.Epoch < 0 {
		return -1
	}
	p = begins(p, b.batches)
	if row >= BatchSizeAt(b, p) {
		return -1
	}
	k, t := len(b.of), int(p.Batch)*b.cfg.Size+row
	of := b.of[t%k]
	order := newShuffled(len(of), b.cfg.Seed, uint64(t%k)+1)
	return of[order.epoch(p.Epoch)[t/k%len(of)]]
}

// SampleAt implements Indexer.
func (a *Augmented) SampleAt(p Position, row int) int {
	if a == nil {
		return -1
	}
	return sampleAt(a.src, p, row)
}

// SampleAt implements Indexer.
func (p *Prefetch) SampleAt(at Position, row int) int {
	if p == nil {
		return -1
	}
	return sampleAt(p.src, at, row)
}

// SampleAt implements Indexer.
func (r *Reconstruct) SampleAt(p Position, row int) int {
	if r == nil {
		return -1
	}
	return sampleAt(r.Source, p, row)
}

func sampleAt(s Source, p Position, row int) int {
	if i, ok := s.(Indexer); ok {
		return i.SampleAt(p, row)
	}
	return -1
}
