package engine

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// bindDevice allocates the program's memory on its device and binds every op to
// its operands there. After an error nothing is left on the device.
func (c *compiler) bindDevice(p *Program, outputs gorgonia.Nodes) error {
	d := &deviceProgram{Placement: p.config.Placement, ptr: make(map[*gorgonia.Node]launch.Ptr)}
	p.device = d
	if err := d.checkKernels(c.nodes); err != nil {
		return err
	}
	err := d.Device.Do(func() error {
		err := c.placeOnDevice(p, outputs)
		if err == nil {
			err = c.bindSteps(p)
		}
		if err != nil {
			if e := d.free(); e != nil {
				return errors.WithMessagef(err, "%v; and then", e)
			}
		}
		return err
	})
	d.start = func() error { return p.startOnDevice() }
	d.wait = func() error { return p.waitForDevice() }
	d.send = func() error { return d.sendInputs() }
	d.capture = func() error { return p.enqueue() }
	return errors.WithMessage(err, "engine")
}

// placeOnDevice decides where everything is in device memory, and allocates it.
func (c *compiler) placeOnDevice(p *Program, outputs gorgonia.Nodes) (err error) {
	d := p.device
	if d.compute, err = d.Device.Compute(); err != nil {
		return err
	}
	if d.copies, err = d.Device.Copies(); err != nil {
		return err
	}
	if d.landed, err = d.Device.NewEvent(); err != nil {
		return err
	}
	if d.taken, err = d.Device.NewEvent(); err != nil {
		return err
	}
	for _, n := range c.nodes {
		p.values[n] = c.values[n]
		if !isLeaf(n) {
			continue
		}
		if err := c.placeLeaf(d, n); err != nil {
			return err
		}
	}
	for _, n := range outputs {
		if err := c.placeOutput(p, n); err != nil {
			return err
		}
	}
	d.results.size += 8 * c.steps() // statuses
	return c.allocate(p)
}

// placeLeaf gives an input a place in the block of inputs, if it has no mirror.
func (c *compiler) placeLeaf(d *deviceProgram, n *gorgonia.Node) error {
	if m, ok := d.Mirrors[n]; ok {
		d.mirrors = append(d.mirrors, m)
		d.ptr[n] = m.Ptr()
		return nil
	}
	if at, ok := d.At[n]; ok {
		d.ptr[n] = at
		return nil
	}
	if n.Op() == nil {
		d.inputs.add(n, c.values[n].Bytes, c.values[n].Len())
		return nil
	}
	m, err := cuda.NewMirror(d.Device, c.values[n].Bytes, "a constant")
	if err != nil {
		return err
	}
	d.constants, d.mirrors = append(d.constants, m), append(d.mirrors, m)
	d.ptr[n] = m.Ptr()
	return nil
}

// placeOutput gives an output memory on the host, and a place among the results
// if it is copied at every run. An input is its own.
func (c *compiler) placeOutput(p *Program, n *gorgonia.Node) error {
	if isLeaf(n) || p.values[n].Bytes != nil {
		return nil
	}
	x := op.NewOperand(n.Dtype(), n.Shape())
	p.values[n] = x
	if !p.device.Lazy[n] {
		p.device.results.add(n, x.Bytes, x.Len())
	}
	return nil
}

// allocate makes the program's one allocation, and the pinned memory on the host.
func (c *compiler) allocate(p *Program) (err error) {
	d := p.device
	sizes := []int{p.plan.Arena, d.inputs.size, d.inputs.size, d.results.size}
	total := 0
	for _, n := range sizes {
		total += upTo(n, launch.Align)
	}
	if d.memory, err = d.Device.Alloc(total, "the program"); err != nil {
		return err
	}
	at := d.memory.Ptr + launch.Ptr(upTo(sizes[0], launch.Align))
	for i, to := range []*launch.Ptr{&d.inputs.at, &d.landing, &d.results.at} {
		*to = at
		at += launch.Ptr(upTo(sizes[i+1], launch.Align))
	}
	for i := range d.staging {
		if d.staging[i], err = d.Device.AllocPinned(d.inputs.size, "the inputs"); err != nil {
			return err
		}
	}
	if d.returned, err = d.Device.AllocPinned(d.results.size, "the results"); err != nil {
		return err
	}
	d.status = d.results.at + launch.Ptr(d.results.size-8*c.steps())
	for _, x := range d.inputs.pieces {
		d.ptr[x.node] = d.inputs.at + launch.Ptr(x.at)
	}
	return nil
}

// steps is how many ops there are.
func (c *compiler) steps() (n int) {
	for _, x := range c.nodes {
		if !isLeaf(x) {
			n++
		}
	}
	return n
}

func upTo(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// buffersOnDevice returns the address of every buffer of the plan: in the arena, or separate.
func (c *compiler) buffersOnDevice(d *deviceProgram) ([]launch.Ptr, error) {
	at := make([]launch.Ptr, len(c.buffers))
	for i, b := range c.buffers {
		if !d.Separate {
			at[i] = d.memory.Ptr + launch.Ptr(b.Offset)
			continue
		}
		m, err := d.Device.Alloc(b.Bytes, b.Name)
		if err != nil {
			return nil, err
		}
		d.separate = append(d.separate, m)
		at[i] = m.Ptr
	}
	return at, nil
}

// bindSteps binds every op.
func (c *compiler) bindSteps(p *Program) error {
	d := p.device
	at, err := c.buffersOnDevice(d)
	if err != nil {
		return err
	}
	for _, n := range c.nodes {
		if b, ok := c.home[n]; ok {
			d.ptr[n] = at[b]
		}
		if isLeaf(n) {
			continue
		}
		var in []op.Operand
		for _, m := range inputsOf(n) {
			in = append(in, p.values[m])
		}
		out := p.values[n]
		s := step{node: n, cost: costOf(n, in, out)}
		a := &op.DeviceArgs{Out: d.ptr[n], Status: d.status + launch.Ptr(8*len(p.steps))}
		a.Stream = d.compute
		for _, m := range inputsOf(n) {
			a.In = append(a.In, d.ptr[m])
		}
		if b, ok := c.work[n]; ok {
			a.Work = at[b]
		}
		k, ours := declaredOf(n)
		if ours && k.Writes != nil {
			d.ptr[n] = d.ptr[inputsOf(n)[k.Writes[0]]]
			a.Out = d.ptr[n]
			for _, w := range k.Writes {
				d.changes = true
				if m, ok := d.Mirrors[inputsOf(n)[w]]; ok {
					d.writes = append(d.writes, m)
				}
			}
		}
		if ours && k.Device != nil {
			s.run, err = k.BindDevice(k.k, out, in, a)
			d.owned = append(d.owned, a.Owned...)
		} else {
			s.run, err = hostStep(n, k, ours, out, in, a, p)
		}
		if err != nil {
			return errors.WithMessage(err, label(n))
		}
		if !ours {
			k.Spec = &op.Spec{}
		}
		d.explain = append(d.explain, k.Explainer(k.k, a))
		d.reports = d.reports || k.Explain != nil
		p.steps = append(p.steps, s)
	}
	return nil
}

// hostStep returns the run of an op without a CUDA kernel: on the host, on copies.
func hostStep(
	n *gorgonia.Node, k declared, ours bool, out op.Operand, in []op.Operand, a *op.DeviceArgs, p *Program,
) (op.Run, error) {
	y := op.NewOperand(out.Dtype, out.Shape)
	x := make([]op.Operand, len(in))
	shapes := inputShapes(in)
	for i := range in {
		x[i] = op.NewOperand(in[i].Dtype, in[i].Shape)
	}
	var run op.Run
	if ours {
		work := make([]float64, k.WorkspaceOf(k.Dtype(out.Dtype, in), shapes))
		h := op.Host{Work: work}
		h.Pool = p.pool
		var err error
		if run, err = k.Bind(y, x, h); err != nil {
			return nil, err
		}
	} else {
		run = foreign(n.Op(), y, x)
	}
	return func() error {
		for i := range x {
			if err := a.Stream.Download(x[i].Bytes, a.In[i]); err != nil {
				return err
			}
		}
		if err := a.Stream.Synchronize(); err != nil {
			return err
		}
		if err := run(); err != nil {
			return err
		}
		if !ours {
			return a.Stream.Upload(a.Out, y.Bytes)
		}
		for _, w := range k.Writes {
			if err := a.Stream.Upload(a.In[w], x[w].Bytes); err != nil {
				return err
			}
		}
		if k.Writes != nil {
			return nil
		}
		return a.Stream.Upload(a.Out, y.Bytes)
	}, nil
}
