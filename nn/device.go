package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// A deviceState is a program's part of a device.
type deviceState struct {
	engine.Placement
	params  []*Param
	grads   gorgonia.Nodes
	probes  map[string]*gorgonia.Node // that are copied on demand
	updates []deviceCommit
	at      map[*tensor.Dense]launch.Ptr // where gradients and values lie
	move    move                         // in hand
	store   func() error
	copy    func() error // does the move
	failed  error        // of a Commit, for the next Run
}

// A deviceCommit is commit on a device.
type deviceCommit struct {
	to      *Param
	from    launch.Ptr
	size    int // bytes
	element int
}

// placement returns where the engine is to run the requested outputs.
func (g *Graph) placement(opt Options, out Outputs, grads gorgonia.Nodes) (engine.Placement, *deviceState, error) {
	if opt.Device == nil {
		return engine.Placement{}, nil, nil
	}
	place := engine.Placement{Device: driverOf(opt.Device), HostOps: opt.HostOps, Logger: opt.Logger}
	mirrors, err := g.enter(place.Device, g.params)
	if err != nil {
		return engine.Placement{}, nil, err
	}
	r := &deviceState{params: g.Params(), grads: grads, probes: make(map[string]*gorgonia.Node)}
	lazy := make(map[*gorgonia.Node]bool)
	for _, n := range grads {
		lazy[n] = true
	}
	for _, u := range g.after {
		lazy[u.node] = true
	}
	for _, p := range g.probes {
		if n := p.node; mirrors[n] != nil || !n.IsScalar() && n.Shape().TotalSize() > 1 {
			lazy[n], r.probes[p.name] = true, n
		}
	}
	for _, n := range out.Values {
		delete(lazy, n)
	}
	place.Mirrors, place.Lazy = mirrors, lazy
	r.Placement = place
	return place, r, nil
}

// settle registers gradients and updates with the parameters, and stores where everything that the program keeps is
// in memory.
func (p *Program) settle(g *Graph, kept gorgonia.Nodes) error {
	r := p.resides
	r.at = make(map[*tensor.Dense]launch.Ptr)
	for _, n := range kept {
		v, err := p.Value(n)
		if err != nil {
			return err
		}
		r.at[v], _ = p.run.Device(n)
	}
	for i, n := range r.grads {
		at, _ := p.run.Device(n)
		p.params[i].device.grads[p.grads[i]] = gradient{at, p}
	}
	for _, u := range g.after {
		at, _ := p.run.Device(u.node)
		element := int(u.param.Value.Dtype().Size())
		r.updates = append(r.updates, deviceCommit{u.param, at, u.param.Value.Size() * element, element})
	}
	r.copy, r.store = r.doMove, r.doStore
	return nil
}

// doStore is Commit on the device.
func (r *deviceState) doStore() error {
	s, err := r.Device.Compute()
	if err != nil {
		return err
	}
	for _, c := range r.updates {
		to := c.to.device.mirror
		if err := s.Copy(to.Ptr(), c.from, c.size); err != nil {
			return err
		}
		to.Written()
	}
	return nil
}

// none reports whether p was not made by Compile.
func (p *Program) none() bool { return p == nil || p.run == nil }

func errNone() error { return errors.New("nn: no program: make it by Compile") }

// Run computes every node once, from the current values of the inputs and the
// parameters. After an error the values of the nodes are undefined.
func (p *Program) Run() error {
	if err := p.Start(); err != nil {
		return err
	}
	return p.Wait()
}

// Start begins a run, which Wait ends. On a device it returns before the work is
// done: in between the inputs may be changed, and sent ahead by Send. On the host it
// is Run.
func (p *Program) Start() error {
	if p.none() {
		return errNone()
	}
	if p.resides != nil && p.resides.failed != nil {
		return errors.WithMessage(p.resides.failed, "nn: the commit before")
	}
	return p.run.Start()
}

// RunAll is Run, for gorgonia.VM.
func (p *Program) RunAll() error { return p.Run() }

// Close stops the workers. On a device it also gives back the memory there; the
// parameters that no other program there needs come back to the host.
func (p *Program) Close() error {
	if p.none() {
		return nil
	}
	err := p.run.Close()
	if p.resides == nil || p.left {
		return err
	}
	p.left = true
	for i, g := range p.grads {
		delete(p.params[i].device.grads, g)
	}
	if e := leave(p.resides.Device, p.resides.params); err == nil {
		err = e
	}
	return err
}

// fetch copies to the host a value that is copied only on demand.
func (p *Program) fetch(n *gorgonia.Node) error {
	if p.resides == nil || n == nil {
		return nil
	}
	return errors.WithMessage(p.run.Fetch(n), "nn")
}
