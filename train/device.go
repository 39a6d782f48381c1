package train

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// sync brings to the host what a device has made of the parameters.
func (l *Loop) sync() error { return nn.Sync(l.Model.Params()) }

// syncFor does so for the hooks of a step, if one of them may look at parameters.
func (l *Loop) syncFor(hooks []Hook) error {
	for _, h := range hooks {
		switch h.(type) {
		case *Progress, *JSONL, *CSV, *EarlyStop, *DivergenceStop, DivergenceStop:
		case *Checkpoint: // Save does it
		default:
			return l.sync()
		}
	}
	return nil
}

// checkDevice reports what a device cannot do yet.
func (l *Loop) checkDevice() error {
	if l.Options.Device != nil && l.Chunk != 0 {
		return errors.Errorf("a Chunk of %d samples on device %v: gradients of chunks are added on the host, leave Chunk 0", l.Chunk, l.Options.Device)
	}
	return nil
}
