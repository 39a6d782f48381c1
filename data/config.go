package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// The methods named Config return what a checkpoint records about a source: everything that its batches depend on,
// except their size and shapes.

// Checksum returns the SHA-256 of the labels or targets, of up to 64 samples spread evenly over the set, and of the
// weights, if there are any. It distinguishes sets of the same size. Cost: a pass over the labels.
func (s *Set) Checksum() string {
	h := sha256.New()
	if s == nil || s.x == nil {
		return hex.EncodeToString(h.Sum(nil))
	}
	var b []byte
	write := func(x []float64) {
		b = b[:0]
		for _, v := range x {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b) // never an error
	}
	for _, y := range s.labels {
		b = binary.LittleEndian.AppendUint64(b, uint64(y))
	}
	for _, w := range s.weights {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(w))
	}
	h.Write(b) // never an error
	const most = 64
	row, target := make([]float64, s.x.width()), []float64(nil)
	if s.targets != nil {
		target = make([]float64, s.targets.width())
	}
	n := s.Len()
	for k := range min(n, most) {
		i := k * n / min(n, most)
		s.x.fill64(row, i)
		write(row)
		if s.targets != nil {
			s.targets.fill64(target, i)
			write(target)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// BatchesSettings is what the batches of a Set depend on, but for their size.
type BatchesSettings struct {
	Set     *Set
	Shuffle bool
	Seed    uint64
	Last    string // "drop", "fill" or "short"
}

// Config returns what the batches depend on.
func (b *Batches) Config() BatchesSettings {
	if b == nil {
		return BatchesSettings{}
	}
	return BatchesSettings{b.set, b.cfg.Shuffle, b.cfg.Seed, b.cfg.Last.String()}
}

// Config returns what the batches depend on. It always shuffles.
func (b *Balanced) Config() BatchesSettings {
	if b == nil {
		return BatchesSettings{}
	}
	return BatchesSettings{b.set, true, b.cfg.Seed, b.cfg.Last.String()}
}

// AugmentedSettings is what the batches of an Augmented depend on.
type AugmentedSettings struct {
	Source     Source
	Transforms []Transform
	Seed       uint64 // of their draws
}

// Config returns what the batches depend on: all settings but the number of workers.
func (a *Augmented) Config() AugmentedSettings {
	if a == nil {
		return AugmentedSettings{}
	}
	return AugmentedSettings{a.src, a.cfg.Transforms, a.cfg.Seed}
}

// Config returns the source whose batches it delivers.
func (p *Prefetch) Config() Source {
	if p == nil {
		return nil
	}
	return p.src
}

// Config returns what the samples are drawn by.
func (s *SparseStream) Config() SparseCodesConfig {
	if s == nil || s.model == nil {
		return SparseCodesConfig{}
	}
	return s.model.cfg
}
