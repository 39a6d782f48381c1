package engine

import (
	"cmp"
	"slices"
)

// align is the alignment of every buffer, in bytes: what CUDA's libraries want
// their scratch at. A cache line and an AVX-512 register are 64.
const align = 256

// A Buffer is the life of one piece of memory in the arena.
type Buffer struct {
	Name   string // of the op that writes it first
	Shape  []int
	Bytes  int
	First  int // the step that writes it; steps count from 0
	Last   int // the last step that needs it
	Offset int // in the arena
	Shared int // how many later ops write in place over it
}

// A Plan is the memory of a program.
type Plan struct {
	Buffers []Buffer
	Arena   int // bytes that all buffers take, laid over each other by liveness
	Naive   int // bytes if every intermediate had memory of its own
}

// layout gives every buffer an offset such that two buffers that are alive at
// the same step do not overlap, and returns the size of the arena.
//
// It places the largest first, each at the lowest offset that fits between those
// already placed (Pisarchyk, Lee. Efficient memory management for deep neural
// net inference. 2020: "greedy by size").
func layout(buffers []Buffer) (arena int) {
	bySize := make([]*Buffer, len(buffers))
	for i := range buffers {
		bySize[i] = &buffers[i]
	}
	slices.SortStableFunc(bySize, func(a, b *Buffer) int { return cmp.Compare(b.Bytes, a.Bytes) })

	var placed []*Buffer // by offset
	for _, b := range bySize {
		b.Offset = 0
		for _, q := range placed {
			if q.Last < b.First || b.Last < q.First {
				continue
			}
			if b.Offset+padded(b.Bytes) <= q.Offset {
				break
			}
			b.Offset = max(b.Offset, q.Offset+padded(q.Bytes))
		}
		arena = max(arena, b.Offset+padded(b.Bytes))
		i, _ := slices.BinarySearchFunc(placed, b, func(q, b *Buffer) int { return cmp.Compare(q.Offset, b.Offset) })
		placed = slices.Insert(placed, i, b)
	}
	return arena
}

// padded returns n rounded up to the alignment.
func padded(n int) int { return (n + align - 1) / align * align }
