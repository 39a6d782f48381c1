// Package engine runs a Gorgonia graph with memory planned once.
//
// Gorgonia's tape machine allocates every intermediate anew at every step, keeps all of them alive, and runs every
// node of the graph, including gradients that are not needed. The engine instead
//
//  1. keeps only the ancestors of the nodes that it is asked for (order.go);
//  2. refuses a graph in which two nodes share a hash or two inputs a name,
//     which Gorgonia would confuse (order.go);
//  3. gives every intermediate an offset in one arena, by liveness, where a
//     kernel may write in place over an input that nobody reads again (plan.go);
//  4. binds each kernel to its operands once (compile.go), so that a run calls
//     them in order: no allocation, no hashing, no type switch over values.
//
// The values of the nodes asked for are pinned: nothing is written over them until the next run. A stock Gorgonia op
// is run by its own Do, on copies, so that its writing in place and reshaping of inputs cannot affect the program;
// the one that every gradient needs, Add, has a kernel here (stock.go).
package engine

import (
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/nn/profile"
	"github.com/whitebox-nn/whitebox/op"
)

// Config says how a program runs.
type Config struct {
	Workers int  // goroutines that share a kernel's work; 0 is GOMAXPROCS
	Profile bool // time every op; see Program.Profile

	Placement
}

// A Program is a graph ready to run. It implements gorgonia.VM. Its methods may
// not be called concurrently.
type Program struct {
	nodes  gorgonia.Nodes // in running order, inputs included
	values map[*gorgonia.Node]op.Operand
	pinned map[*gorgonia.Node]*tensor.Dense
	steps  []step
	plan   profile.Memory
	arena  []byte
	pool   *par.Pool
	config Config
	runs   int
	closed bool
	device *deviceProgram // nil on the host
}

var _ gorgonia.VM = (*Program)(nil)

// A step is one op bound to its operands.
type step struct {
	node  *gorgonia.Node
	run   op.Run
	cost  cost
	spent time.Duration
}

// Run computes every node once, from the current values of the inputs. After an
// error the values of the nodes are undefined.
func (p *Program) Run() error {
	if p.gone() {
		return errors.New("engine: the program is closed")
	}
	if p.device != nil {
		if err := p.Start(); err != nil {
			return err
		}
		return p.Wait()
	}
	p.runs++
	if p.config.Profile {
		return p.runTimed()
	}
	for i := range p.steps {
		if err := p.steps[i].run(); err != nil {
			return p.located(i, err)
		}
	}
	return nil
}

// Start begins a run, which Wait ends: on a device it returns before the work is
// done, on the host it is Run. Between the two the inputs may be changed, and
// those of the next run sent ahead.
func (p *Program) Start() error {
	if p.gone() || p.device == nil {
		return p.Run()
	}
	p.runs++
	return p.device.Device.Do(p.device.start)
}

// Wait waits until what was started is done. Errors: those of the run.
func (p *Program) Wait() error {
	if p.gone() || p.device == nil {
		return nil
	}
	return p.device.Device.Do(p.device.wait)
}

// Send begins to copy the inputs, as they are, to the device for the next run, also
// while a run is at work. If they have changed when that run starts, it copies them
// again. On the host it does nothing.
func (p *Program) Send() error {
	if p.gone() {
		return errors.New("engine: the program is closed")
	}
	if p.device == nil {
		return nil
	}
	return p.device.Device.Do(p.device.send)
}

// gone reports whether p is closed or was never compiled.
func (p *Program) gone() bool { return p == nil || p.closed }

func (p *Program) runTimed() error {
	for i := range p.steps {
		start := time.Now()
		if err := p.steps[i].run(); err != nil {
			return p.located(i, err)
		}
		p.steps[i].spent += time.Since(start)
	}
	return nil
}

// located says which op an error comes from.
func (p *Program) located(i int, err error) error {
	return errors.WithMessagef(err, "engine: %s (op %d of %d)", label(p.steps[i].node), i+1, len(p.steps))
}

// RunAll is Run, for gorgonia.VM.
func (p *Program) RunAll() error { return p.Run() }

// Reset does nothing: a run does not depend on the one before.
func (p *Program) Reset() {}

// Close stops the workers and frees the memory on the device. Values read before
// stay valid.
func (p *Program) Close() error {
	if p.gone() {
		return nil
	}
	p.closed = true
	p.pool.Close()
	if p.device != nil {
		return p.device.Device.Do(p.device.free)
	}
	return nil
}

// Value returns the value of a node that the program was compiled for: a tensor
// whose memory every run overwrites. A scalar is a vector of length 1.
func (p *Program) Value(n *gorgonia.Node) (*tensor.Dense, error) {
	if p == nil {
		return nil, errors.New("engine: a value of no program")
	}
	if t, ok := p.pinned[n]; ok {
		return t, nil
	}
	return nil, errors.Errorf("engine: the program was not compiled to keep %v: add it to the outputs", n)
}

// Poison fills all memory of the intermediates with NaNs. A run after it must give the same results as a run before
// it: tests use it to find kernels that read what they have not written. Errors: those of the device.
func (p *Program) Poison() error {
	if p == nil {
		return errors.New("engine: no program")
	}
	if p.device != nil {
		return p.poisonDevice()
	}
	for i := range p.arena {
		p.arena[i] = 0xff
	}
	return nil
}
