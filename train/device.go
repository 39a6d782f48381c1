package train

import (
	"cmp"

	"github.com/whitebox-nn/whitebox/nn"
)

// A Remote is a [Hook] that does not read parameters on the host: a [Loop] on a device leaves them there when it
// calls the hook. It may call optim.EMA.Update, which averages on the device.
type Remote interface {
	Hook
	Remote() bool
}

// sync copies the parameters from the device to the host.
func (l *Loop) sync() error {
	err, steps := nn.Sync(l.Model.Params()), l.Optimizer.StepCount()
	refused := l.Optimizer.Wait()
	if l.Optimizer.StepCount() < steps {
		refused = cmp.Or(refused, l.takeBack())
	}
	return cmp.Or(err, refused)
}

// takeBack undoes the last step, which the device has refused: its batch becomes the next one again.
func (l *Loop) takeBack() error {
	l.step--
	l.ahead = ahead{}
	return l.source().Seek(l.last)
}

// syncFor does so before the hooks of a step, if one of them may read parameters.
func (l *Loop) syncFor(hooks []Hook) error {
	for _, h := range hooks {
		if r, ok := h.(Remote); !ok || !r.Remote() {
			return l.sync()
		}
	}
	return nil
}

// Remote implements Remote.
func (*Progress) Remote() bool { return true }

// Remote implements Remote.
func (*JSONL) Remote() bool { return true }

// Remote implements Remote.
func (*CSV) Remote() bool { return true }

// Remote implements Remote.
func (*EarlyStop) Remote() bool { return true }

// Remote implements Remote.
func (DivergenceStop) Remote() bool { return true }

// Remote implements Remote: Save brings to the host what it writes.
func (*Checkpoint) Remote() bool { return true }

// Remote implements Remote: the evaluation whose best parameters it keeps has brought
// them to the host.
func (*bestOf) Remote() bool { return true }

// Remote implements Remote.
func (h stepsOnly) Remote() bool {
	r, ok := h.Hook.(Remote)
	return ok && r.Remote()
}
