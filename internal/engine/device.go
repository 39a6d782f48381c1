package engine

import (
	"log/slog"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Placement says on which device a program runs, and how. The zero value is the
// host.
type Placement struct {
	Device *cuda.Device

	// HostOps lets ops without a CUDA kernel run on the host, with copies before
	// and after; they are named once in Logger. Without it they are an error.
	HostOps bool
	Logger  *slog.Logger // nil is none

	// Separate gives every intermediate an allocation of its own, so that a software device detects a kernel that
	// accesses memory outside its operands. It is for tests.
	Separate bool

	// Mirrors are the copies on the device of some inputs, the parameters. Other
	// inputs are copied at every run.
	Mirrors map[*gorgonia.Node]*cuda.Mirror

	// At are where other inputs lie on the device already, such as the gradients that
	// another program has left there.
	At map[*gorgonia.Node]launch.Ptr

	// Lazy are outputs that are copied to the host only by [Program.Fetch].
	Lazy map[*gorgonia.Node]bool
}

// A deviceProgram is the part of a Program that is on a device. All of its memory is one allocation: the arena, the
// inputs, a second copy of the inputs, into which the next ones are copied during a run, and the results.
type deviceProgram struct {
	Placement
	compute, copies *cuda.Stream
	memory          *cuda.Mem
	separate        []*cuda.Mem
	ptr             map[*gorgonia.Node]launch.Ptr
	constants       []*cuda.Mirror
	mirrors         []*cuda.Mirror // of parameters and constants
	writes          []*cuda.Mirror // those that a run changes
	changes         bool           // a run changes these, or inputs that are on the device

	inputs  block // of the host, in the order of the nodes
	landing launch.Ptr
	staging [2]*cuda.Pinned // of the inputs that were sent last, and before
	slot    int             // of those that were sent last
	sent    bool            // they are not taken yet
	landed  *cuda.Event     // in copies: the inputs are at landing
	taken   *cuda.Event     // in compute: and are no longer needed there

	results  block // copied to the host after every run
	returned *cuda.Pinned
	status   launch.Ptr // 64 bits for each step
	explain  []func(word uint64) error
	reports  bool // an op may write to its status

	owned   []func() error // release what ops made
	graph   *cuda.Graph
	graphed bool // capturing was tried
	onHost  []string
	running bool
	waits   int64        // of the stream, when the run was started
	before  cuda.Traffic // of the stream, before the run
	last    cuda.Traffic // of the last run
	replay  cuda.Traffic // of one replay of graph

	start, wait, send, capture func() error // bound once, so that a run allocates nothing
}

// A block is pieces of memory side by side.
type block struct {
	pieces []piece
	size   int
	at     launch.Ptr
}

// A piece is host memory and its place in a block.
type piece struct {
	node *gorgonia.Node
	host []byte
	at   int
}

func (b *block) add(n *gorgonia.Node, host []byte, size int) {
	b.pieces = append(b.pieces, piece{n, host, b.size})
	b.size += upTo(size, 64) // what travels is packed closer than the arena
}

// missing returns the names of the ops that have no CUDA kernel.
func missing(nodes gorgonia.Nodes) []string {
	var names []string
	seen := make(map[string]bool)
	for _, n := range nodes {
		if isLeaf(n) || onDevice(n) || seen[opName(n.Op())] {
			continue
		}
		seen[opName(n.Op())] = true
		names = append(names, opName(n.Op()))
	}
	return names
}

func onDevice(n *gorgonia.Node) bool {
	d, ok := declaredOf(n)
	return ok && d.Device != nil
}

// checkKernels reports ops without a CUDA kernel, or warns of them.
func (d *deviceProgram) checkKernels(nodes gorgonia.Nodes) error {
	d.onHost = missing(nodes)
	if len(d.onHost) == 0 {
		return nil
	}
	names := strings.Join(d.onHost, ", ")
	if !d.HostOps {
		return errors.Errorf("engine: there is no CUDA kernel for %s: set HostOps to run them on the host, or "+
			"build with -tags whitebox_cuda", names)
	}
	if d.Logger != nil {
		d.Logger.Warn("these ops have no CUDA kernel and run on the host, with copies to it and back at every step",
			"ops", names)
	}
	return nil
}

// HostOps returns the names of the ops of a program on a device that run on the
// host.
func (p *Program) HostOps() []string {
	if p == nil || p.device == nil {
		return nil
	}
	return p.device.onHost
}

// Device returns where the value of a node lies on the program's device.
func (p *Program) Device(n *gorgonia.Node) (at launch.Ptr, ok bool) {
	if p == nil || p.device == nil {
		return 0, false
	}
	at, ok = p.device.ptr[n]
	return at, ok
}

// Fetch copies the value of a node that the program was compiled for, and that is lazy, from the device to the tensor
// that Value returns. For an input with a mirror, that tensor is the mirror's host memory, which is up to date until
// the device has written to its copy.
func (p *Program) Fetch(n *gorgonia.Node) error {
	if p == nil || p.device == nil || !p.device.Lazy[n] {
		return nil
	}
	if p.closed {
		return errors.New("engine: fetch from a program that is closed")
	}
	d := p.device
	if m, ok := d.Mirrors[n]; ok {
		return d.Device.Do(m.Pull)
	}
	return d.Device.Do(func() error {
		if err := d.compute.Download(p.values[n].Bytes, d.ptr[n]); err != nil {
			return err
		}
		return d.compute.Synchronize()
	})
}
