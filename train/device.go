package train

import "github.com/whitebox-nn/whitebox/nn"

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
