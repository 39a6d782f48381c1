package engine

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/nn/profile"
)

// TestLayoutKeepsLivingBuffersApart checks the plan's promise on random lives:
// no two buffers that are alive at one step share a byte, all are aligned, and
// the arena is no smaller than what is alive at the worst step and no larger
// than all of them together.
func TestLayoutKeepsLivingBuffersApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		buffers := make([]profile.Buffer, n)
		sum := 0
		for i := range buffers {
			first := rapid.IntRange(0, 30).Draw(t, "first")
			buffers[i] = profile.Buffer{First: first, Last: first + rapid.IntRange(0, 10).Draw(t, "life"),
				Bytes: rapid.IntRange(1, 500).Draw(t, "bytes")}
			sum += padded(buffers[i].Bytes)
		}
		arena := layout(buffers)
		worst := 0
		for step := range 41 {
			alive := 0
			for i, a := range buffers {
				if step < a.First || a.Last < step {
					continue
				}
				alive += a.Bytes
				for _, b := range buffers[:i] {
					if b.First <= step && step <= b.Last && a.Offset < b.Offset+b.Bytes && b.Offset < a.Offset+a.Bytes {
						t.Fatalf("step %d: %+v and %+v overlap", step, a, b)
					}
				}
			}
			worst = max(worst, alive)
		}
		for _, b := range buffers {
			if b.Offset%align != 0 || b.Offset+b.Bytes > arena {
				t.Fatalf("%+v in an arena of %d", b, arena)
			}
		}
		if arena < worst || arena > sum {
			t.Fatalf("arena of %d bytes, %d alive at once, %d in all", arena, worst, sum)
		}
	})
}
