package engine

import (
	"bytes"
	"time"
	"unsafe"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// startOnDevice puts a run into the stream: the inputs, unless they are there, the steps, and the copy of the results
// back. Earlier work in the stream, the optimizer's update, continues while the inputs are copied.
func (p *Program) startOnDevice() error {
	d := p.device
	if d.running {
		return errors.New("engine: the program is running: Wait for it before the next Start")
	}
	d.before = d.compute.Moved
	for _, m := range d.mirrors {
		if m.Uploaded() && !d.changes {
			continue
		}
		if err := m.Push(); err != nil {
			return err
		}
	}
	if err := d.sendInputs(); err != nil {
		return err
	}
	if err := d.takeInputs(); err != nil {
		return err
	}
	if err := p.runSteps(); err != nil {
		return err
	}
	if !d.changes { // a run that changes them is not to be run again
		if err := p.runAgainIfChanged(); err != nil {
			return err
		}
	}
	for _, m := range d.writes {
		m.Written()
	}
	d.running, d.waits = true, d.compute.Waits
	return nil
}

// runSteps puts the steps into the stream, and the copy of the results back.
func (p *Program) runSteps() error {
	if err := p.compute(); err != nil {
		return err
	}
	d := p.device
	if len(d.results.pieces) == 0 && !d.reports { // an update
		return nil
	}
	return d.compute.Download(d.returned.Bytes, d.results.at)
}

// runAgainIfChanged compares the parameters with what was uploaded, while the device computes, since that takes as
// long as reading all parameters. In the rare case that the host has changed one, it runs the steps again.
func (p *Program) runAgainIfChanged() error {
	d := p.device
	in := d.compute.Moved.In
	for _, m := range d.mirrors {
		if err := m.Push(); err != nil {
			return err
		}
	}
	if d.compute.Moved.In == in {
		return nil
	}
	return p.runSteps()
}

// waitForDevice waits for the results and returns them.
func (p *Program) waitForDevice() error {
	d := p.device
	if !d.running {
		return nil
	}
	d.running = false
	if d.compute.Waits == d.waits { // otherwise the stream has been waited for since
		if err := d.compute.Synchronize(); err != nil {
			return err
		}
	}
	d.last = d.compute.Moved.Since(d.before)
	d.last.In += int64(d.inputs.size)
	return p.receive()
}

// Account adds to the profile of the last run other work that was done on the device for it, such as the update after
// it.
func (p *Program) Account(t cuda.Traffic) {
	if p != nil && p.device != nil {
		p.device.last = p.device.last.Plus(t)
	}
}

// sendInputs copies the inputs to their landing buffer, in the stream of copies, unless they are unchanged since they
// were sent last.
func (d *deviceProgram) sendInputs() error {
	if d.inputs.size == 0 || d.sent && d.inputs.sameAs(d.staging[d.slot].Bytes) {
		return nil
	}
	if d.sent { // for nothing: do not write to what may still travel
		if err := d.copies.Synchronize(); err != nil {
			return err
		}
	}
	d.slot = 1 - d.slot
	stage := d.staging[d.slot].Bytes
	for _, x := range d.inputs.pieces {
		copy(stage[x.at:], x.host)
	}
	if err := d.copies.Wait(d.taken); err != nil {
		return err
	}
	if err := d.copies.Upload(d.landing, stage); err != nil {
		return err
	}
	d.sent = true
	return d.landed.Record(d.copies)
}

// takeInputs copies the inputs from the landing buffer to where the steps read them, so that the next ones can be
// sent. It is a copy within the device, and not a second graph that reads them there: a graph takes longer to make
// than to copy a batch.
func (d *deviceProgram) takeInputs() error {
	if !d.sent {
		return nil
	}
	d.sent = false
	if err := d.compute.Wait(d.landed); err != nil {
		return err
	}
	if err := d.compute.Copy(d.inputs.at, d.landing, d.inputs.size); err != nil {
		return err
	}
	return d.taken.Record(d.compute)
}

// sameAs reports whether the memory on the host is what a copy of the block holds.
func (b *block) sameAs(copied []byte) bool {
	for _, x := range b.pieces {
		if !bytes.Equal(x.host, copied[x.at:x.at+len(x.host)]) {
			return false
		}
	}
	return true
}

// compute puts the steps into the stream: from the second run on as one graph, if the driver has graphs, every op is
// on the device, and ops are not timed.
func (p *Program) compute() error {
	d := p.device
	if d.graph == nil && !d.graphed && p.runs > 1 && len(d.onHost) == 0 && !p.config.Profile {
		d.graphed = true
		before := d.compute.Moved
		graph, err := d.compute.Capture(d.capture)
		if err != nil {
			if e := graph.Free(); e != nil {
				return e
			}
			graph = nil // a driver that cannot capture a call runs the steps one by one
		}
		d.graph, d.replay = graph, d.compute.Moved.Since(before)
		d.compute.Moved = before
	}
	if d.graph == nil {
		return p.enqueue()
	}
	d.compute.Moved.Launches += d.replay.Launches
	return d.compute.Replay(d.graph)
}

// enqueue puts the steps into the stream one by one.
func (p *Program) enqueue() error {
	d := p.device
	if d.reports {
		if err := d.compute.Fill(d.status, 0, 8*len(p.steps)); err != nil {
			return err
		}
	}
	for i := range p.steps {
		start := time.Time{}
		if p.config.Profile {
			start = time.Now()
		}
		if err := p.steps[i].run(); err != nil {
			return p.located(i, err)
		}
		if p.config.Profile {
			if err := d.compute.Synchronize(); err != nil {
				return p.located(i, err)
			}
			p.steps[i].spent += time.Since(start)
		}
	}
	for _, x := range d.results.pieces {
		if err := d.compute.Copy(d.results.at+launch.Ptr(x.at), d.ptr[x.node], len(x.host)); err != nil {
			return err
		}
	}
	return nil
}

// receive checks the statuses and returns the results.
func (p *Program) receive() error {
	d := p.device
	back := d.returned.Bytes
	status := unsafe.Slice((*uint64)(unsafe.Pointer(&back[int(d.status-d.results.at)])), len(p.steps))
	for i, s := range status {
		if s != 0 && d.reports {
			return p.located(i, d.explain[i](s))
		}
	}
	for _, x := range d.results.pieces {
		copy(x.host, back[x.at:])
	}
	return nil
}

// free releases everything that the program has on the device.
func (d *deviceProgram) free() error {
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	if d.running || d.sent { // and it has not been waited for
		keep(d.compute.Synchronize())
		keep(d.copies.Synchronize())
	}
	keep(d.graph.Free())
	for _, free := range d.owned {
		keep(free())
	}
	keep(d.landed.Free())
	keep(d.taken.Free())
	for _, m := range append(d.separate, d.memory) {
		keep(m.Free())
	}
	for _, m := range d.constants {
		keep(m.Free())
	}
	keep(d.staging[0].Free())
	keep(d.staging[1].Free())
	keep(d.returned.Free())
	return first
}

// poisonDevice is Poison.
func (p *Program) poisonDevice() error {
	d := p.device
	return d.Device.Do(func() error {
		for _, m := range d.separate {
			if err := d.compute.Fill(m.Ptr, 0xff, m.Size); err != nil {
				return err
			}
		}
		return d.compute.Fill(d.memory.Ptr, 0xff, d.memory.Size)
	})
}

// Traffic returns the work that the run that was started last has given to the device so far.
func (p *Program) Traffic() cuda.Traffic {
	if p == nil || p.device == nil {
		return cuda.Traffic{}
	}
	return p.device.compute.Moved.Since(p.device.before)
}
