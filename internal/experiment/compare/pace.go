package compare

import (
	"fmt"
	"io"
	"time"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/train"
)

// A pace is a hook that stops a training after a time, and knows how long its first
// step took.
type pace struct {
	start time.Time
	limit time.Duration // 0 is none
	first time.Duration // until the first step was over, with what was prepared for it
}

var _ train.Hook = (*pace)(nil)

// Step implements train.Hook.
func (p *pace) Step(*train.Event) error {
	since := time.Since(p.start)
	if p.first == 0 {
		p.first = since
	}
	if p.limit > 0 && since >= p.limit {
		return train.ErrStop
	}
	return nil
}

// Remote says that it does not look at parameters.
func (p *pace) Remote() bool { return true }

// report says when the first step was over, and on a device how much memory was in use.
func (p *pace) report(w io.Writer, name string, on *cuda.Device) {
	if p.first == 0 {
		return // there was no step to take
	}
	memory := ""
	if on != nil {
		memory = fmt.Sprintf(", at most %.1f MiB on %v", float64(on.PeakMemory())/(1<<20), on)
	}
	fmt.Fprintf(w, "%s: the first step was over after %.3f s%s\n", name, p.first.Seconds(), memory)
}
