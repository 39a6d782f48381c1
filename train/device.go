package train

import (
	"cmp"

	"github.com/whitebox-nn/whitebox/nn"
)

// A Remote is a Hook that does not read parameters on the host: a Loop on a device
// leaves them there when it is called. To average them it may call EMA.Update, which
// works where they are.
type Remote interface {
	Hook
	Remote() bool
}

// sync brings to the host what a device has made of the parameters.
func (l *Loop) sync() error {
	err, steps := nn.Sync(l.Model.Params()), l.Optimizer.StepCount()
	refused := l.Optimizer.Wait()
	if l.Optimizer.StepCount() < steps {
		refused = cmp.Or(refused, l.takeBack())
	}
	return cmp.Or(err, refused)
}

// takeBack takes back the last step, which a device has refused: its batch is the next.
func (l *Loop) takeBack() error {
	l.step--
	l.ahead = ahead{}
	return l.source().Seek(l.last)
}

// syncFor does so for the hooks of a step, if one of them may look at parameters.
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
