package train

import "github.com/whitebox-nn/whitebox/data"

// An ahead is the batch after the current one. On a device it is transferred while the step runs, so that the device
// does not wait for it.
type ahead struct {
	sent  bool          // it is in the graph's inputs, or err instead of it
	err   error         // of the source
	after data.Position // of the source after the batch in hand
}

// take makes the next batch the current one: the batch that was taken ahead, if there is one.
func (l *Loop) take() error {
	if l.ahead.sent {
		err := l.ahead.err
		l.ahead = ahead{}
		return err
	}
	return l.next()
}

// sendAhead takes the next batch and sends it to the device, while that is at work
// on the one in hand. An error of the source is the next step's.
func (l *Loop) sendAhead() error {
	if l.Options.Device == nil || l.step+1 >= l.TotalSteps() {
		return nil
	}
	at := l.source().Position()
	if l.graphAt(at) != l.graph { // of another size, whose graph does not run now
		return nil
	}
	l.ahead = ahead{sent: true, after: at}
	if l.ahead.err = l.next(); l.ahead.err != nil {
		return nil
	}
	l.graph.program.SetStep(l.step + 2)
	return l.graph.program.Send()
}

// position returns the source's position after the last step.
func (l *Loop) position() data.Position {
	if l.ahead.sent {
		return l.ahead.after
	}
	return l.source().Position()
}

// putBack returns to the source a batch that no step will use.
func (l *Loop) putBack() error {
	if !l.ahead.sent {
		return nil
	}
	at := l.ahead.after
	l.ahead = ahead{}
	return l.source().Seek(at)
}
