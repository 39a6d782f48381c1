package nn

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/nn/profile"
)

// engine returns the engine's program that runs p, nil if p was not compiled.
func (p *Program) engine() *engine.Program {
	if p == nil {
		return nil
	}
	return p.run
}

// Value returns the value of a node that the program was compiled for: a tensor
// whose memory every run overwrites. A scalar is a vector of length 1.
func (p *Program) Value(n *gorgonia.Node) (*tensor.Dense, error) { return p.engine().Value(n) }

// Wait waits until what Start began is done. Errors: those of the run.
func (p *Program) Wait() error { return p.engine().Wait() }

// Send begins to copy the inputs, as they are, to the device for the next run, also
// while a run is at work. If they have changed when that run starts, it copies them
// again. On the host it does nothing.
func (p *Program) Send() error { return p.engine().Send() }

// Reset does nothing, for gorgonia.VM: a run does not depend on the one before.
func (p *Program) Reset() {}

// Profile returns the time that the runs have taken so far. Times are zero unless the program was compiled to
// profile.
func (p *Program) Profile() profile.Times { return p.engine().Profile() }

// Memory returns the memory plan.
func (p *Program) Memory() profile.Memory { return p.engine().Memory() }

// Len returns the number of ops.
func (p *Program) Len() int { return p.engine().Len() }

// Ops returns the ops of the program in the order in which they run.
func (p *Program) Ops() []profile.Op { return p.engine().Ops() }

// HostOps returns the names of the ops that run on the host although the program is on
// a device: see Options.HostOps.
func (p *Program) HostOps() []string { return p.engine().HostOps() }

// DOT returns the program as a Graphviz graph: inputs as boxes, ops as ellipses
// with the shape of their output, pinned outputs drawn twice.
func (p *Program) DOT() string { return p.engine().DOT() }
