package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// A presence is a parameter's copy on a device, while there are programs there
// that it is bound into.
type presence struct {
	mirror *cuda.Mirror
	users  int
	grads  map[*tensor.Dense]gradient // of the users
	leave  []func() error
}

// A gradient is where one lies on a device, and whose it is.
type gradient struct {
	at cuda.Ptr
	of *Program
}

// Mirror returns p's copy on a device, nil if it is on none. Who writes to the copy
// calls its Written.
func (p *Param) Mirror() *cuda.Mirror {
	if p.device == nil {
		return nil
	}
	return p.device.mirror
}

// OnDevice returns p's copy on a device and where the gradient that grad, one of
// Program.Grads, stands for lies there. It is not ok if p is on no device or grad is
// of another program. Who writes to the copy calls its Written.
func (p *Param) OnDevice(grad *tensor.Dense) (value *cuda.Mirror, at cuda.Ptr, ok bool) {
	if p.device == nil {
		return nil, 0, false
	}
	g, ok := p.device.grads[grad]
	return p.device.mirror, g.at, ok
}

// Account adds what an update by a gradient asked of the device to the profile of
// the program that the gradient is of.
func (p *Param) Account(grad *tensor.Dense, t cuda.Traffic) {
	if p.device != nil && p.device.grads[grad].of != nil {
		p.device.grads[grad].of.Program.Account(t)
	}
}

// WhenLeaving makes f run, with the device current, when the last program on a
// device that p is bound into is closed: for those who keep memory there on p's
// behalf.
func (p *Param) WhenLeaving(f func() error) {
	if p.device != nil {
		p.device.leave = append(p.device.leave, f)
	}
}

// Sync makes the Values of params those of their device, where a device has changed
// them since: call it before reading a Value on the host while a program on a
// device trains it. A Value that is changed after a Sync, and before the next step,
// goes to the device by itself; see Changed for one that was not synchronised.
// Parameters that are on no device are left alone.
func Sync(params []*Param) error {
	for _, p := range params {
		if p == nil || p.device == nil {
			continue
		}
		m := p.device.mirror
		if err := m.Device().Do(m.Pull); err != nil {
			return errors.WithMessagef(err, "nn: synchronise %q", p.Name)
		}
	}
	return nil
}

// Changed says that the Values of params were set on the host, whatever a device
// has made of its copies.
func Changed(params []*Param) {
	for _, p := range params {
		if p != nil && p.device != nil {
			p.device.mirror.Changed()
		}
	}
}

// enter gives the parameters of g copies on a device, one for all programs.
func (g *Graph) enter(d *cuda.Device) (map[*gorgonia.Node]*cuda.Mirror, error) {
	mirrors := make(map[*gorgonia.Node]*cuda.Mirror, len(g.params))
	entered := g.params[:0:0]
	err := d.Do(func() error {
		for _, p := range g.params {
			if p.device != nil && p.device.mirror.Device() != d {
				return errors.Errorf("parameter %q is on %v: close the programs there first", p.Name, p.device.mirror.Device())
			}
			if p.device == nil {
				x, err := opkit.OperandOf(p.Value)
				if err != nil {
					return errors.WithMessagef(err, "parameter %q", p.Name)
				}
				m, err := cuda.NewMirror(d, x.Bytes, "parameter "+p.Name)
				if err != nil {
					return err
				}
				p.device = &presence{mirror: m, grads: make(map[*tensor.Dense]gradient)}
			}
			p.device.users++
			entered = append(entered, p)
			mirrors[g.bound[p]] = p.device.mirror
		}
		return nil
	})
	if err == nil {
		return mirrors, nil
	}
	if e := leave(d, entered); e != nil {
		return nil, errors.WithMessagef(err, "%v; and then", e)
	}
	return nil, err
}

// leave takes a program's parameters from a device, with their values, where no
// other program there needs them. It returns the first error, and frees all.
func leave(d *cuda.Device, params []*Param) error {
	return d.Do(func() error {
		var first error
		keep := func(err error) {
			if first == nil {
				first = err
			}
		}
		for _, p := range params {
			if p.device.users--; p.device.users > 0 {
				continue
			}
			for _, f := range p.device.leave {
				keep(f())
			}
			keep(p.device.mirror.Pull())
			keep(p.device.mirror.Free())
			p.device = nil
		}
		return first
	})
}

// A residence is a program's part of a device.
type residence struct {
	dev     *cuda.Device
	params  []*Param
	grads   gorgonia.Nodes
	probes  map[string]*gorgonia.Node // that are copied on demand
	updates []deviceCommit
	at      map[*tensor.Dense]cuda.Ptr // where gradients and values lie
	move    move                       // in hand
	store   func() error
	copy    func() error // does the move
	failed  error        // of a Commit, for the next Run
}

// A deviceCommit is commit on a device.
type deviceCommit struct {
	to      *cuda.Mirror
	from    cuda.Ptr
	size    int // bytes
	element int
}

// placement returns where the engine is to run what is asked for.
func (g *Graph) placement(opt Options, out Outputs, grads gorgonia.Nodes) (engine.Placement, *residence, error) {
	if opt.Device == nil {
		return engine.Placement{}, nil, nil
	}
	mirrors, err := g.enter(opt.Device)
	if err != nil {
		return engine.Placement{}, nil, err
	}
	r := &residence{dev: opt.Device, params: g.Params(), grads: grads, probes: make(map[string]*gorgonia.Node)}
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
	return engine.Placement{Device: opt.Device, HostOps: opt.HostOps, Logger: opt.Logger, Mirrors: mirrors, Lazy: lazy}, r, nil
}

// settle registers gradients and updates with the parameters, and where everything
// that the program keeps lies.
func (p *Program) settle(g *Graph, kept gorgonia.Nodes) error {
	r := p.resides
	r.at = make(map[*tensor.Dense]cuda.Ptr)
	for _, n := range kept {
		v, err := p.Value(n)
		if err != nil {
			return err
		}
		r.at[v], _ = p.Device(n)
	}
	for i, n := range r.grads {
		at, _ := p.Device(n)
		p.params[i].device.grads[p.grads[i]] = gradient{at, p}
	}
	for _, u := range g.after {
		at, _ := p.Device(u.node)
		element := int(u.param.Value.Dtype().Size())
		r.updates = append(r.updates, deviceCommit{u.param.device.mirror, at, u.param.Value.Size() * element, element})
	}
	r.copy, r.store = r.doMove, r.doStore
	return nil
}

// doStore is Commit on the device.
func (r *residence) doStore() error {
	s, err := r.dev.Compute()
	if err != nil {
		return err
	}
	for _, c := range r.updates {
		if err := s.Copy(c.to.Ptr(), c.from, c.size); err != nil {
			return err
		}
		c.to.Written()
	}
	return nil
}

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
	if p.resides != nil && p.resides.failed != nil {
		return errors.WithMessage(p.resides.failed, "nn: the commit before")
	}
	return p.Program.Start()
}

// RunAll is Run, for gorgonia.VM.
func (p *Program) RunAll() error { return p.Run() }

// Close stops the workers. On a device it also gives back the memory there; the
// parameters that no other program there needs come back to the host.
func (p *Program) Close() error {
	err := p.Program.Close()
	if p.resides == nil || p.left {
		return err
	}
	p.left = true
	for i, g := range p.grads {
		delete(p.params[i].device.grads, g)
	}
	if e := leave(p.resides.dev, p.resides.params); err == nil {
		err = e
	}
	return err
}

// fetch copies to the host what is there only on demand.
func (p *Program) fetch(n *gorgonia.Node) error {
	if p.resides == nil || n == nil {
		return nil
	}
	return errors.WithMessage(p.Fetch(n), "nn")
}
