package engine

import (
	"cmp"
	"slices"

	"github.com/whitebox-nn/whitebox/nn/profile"
)

// align is the alignment of every buffer, in bytes: CUDA's libraries require it of their scratch memory. A cache line
// and an AVX-512 register are 64.
const align = 256

// layout gives every buffer an offset such that two buffers that are alive at
// the same step do not overlap, and returns the size of the arena.
//
// It places the largest first, each at the lowest offset that fits between those
// already placed (Pisarchyk, Lee. Efficient memory management for deep neural
// net inference. 2020: "greedy by size").
func layout(buffers []profile.Buffer) (arena int) {
	bySize := make([]*profile.Buffer, len(buffers))
	for i := range buffers {
		bySize[i] = &buffers[i]
	}
	slices.SortStableFunc(bySize, func(a, b *profile.Buffer) int { return cmp.Compare(b.Bytes, a.Bytes) })

	var placed []*profile.Buffer // by offset
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
		i, _ := slices.BinarySearchFunc(placed, b,
			func(q, b *profile.Buffer) int { return cmp.Compare(q.Offset, b.Offset) })
		placed = slices.Insert(placed, i, b)
	}
	return arena
}

// padded returns n rounded up to the alignment.
func padded(n int) int { return (n + align - 1) / align * align }
