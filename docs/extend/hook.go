package extend

import "github.com/whitebox-nn/whitebox/train"

// Smooth is a hook that keeps a running mean of the loss, which goes on over a resume,
// and ends the run when it is below Enough.
type Smooth struct {
	Enough float64
	mean   float64
}

// Step implements train.Hook.
func (s *Smooth) Step(e *train.Event) error {
	if e.Step == 1 {
		s.mean = e.Loss
	}
	s.mean += 0.1 * (e.Loss - s.mean)
	if s.mean < s.Enough {
		return train.ErrStop
	}
	return nil
}

// Key, State and Restore implement train.Resumable.
func (s *Smooth) Key() string                   { return "smooth" }
func (s *Smooth) State() []float64              { return []float64{s.mean} }
func (s *Smooth) Restore(state []float64) error { s.mean = state[0]; return nil }
