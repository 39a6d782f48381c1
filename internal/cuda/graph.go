package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// A Graph is work that was captured from a stream, to be launched at once.
type Graph struct {
	d    *Device
	exec uintptr
}

const captureThreadLocal = 1

// Capture records what f puts into s, instead of doing it, and returns it. It
// returns nil, without an error and without calling f, where the driver has no
// graphs. f may not wait for the device, nor copy to the host or from it. It is an
// error if what was recorded does one of these all the same: a library may do so that
// was not made for it, and a replay would compute with what was there at first.
func (s *Stream) Capture(f func() error) (*Graph, error) {
	if s.none() || f == nil {
		return nil, missing("Capture")
	}
	d := s.d
	if !d.graphs() {
		return nil, nil
	}
	if err := d.check("cuStreamBeginCapture", d.call(d.beginCapture, s.handle, captureThreadLocal)); err != nil {
		return nil, err
	}
	err := f()
	graph := new(uintptr)
	if e := d.check("cuStreamEndCapture", d.call(d.endCapture, s.handle, uintptr(unsafe.Pointer(graph)))); err == nil {
		err = e
	}
	if *graph == 0 {
		return nil, err
	}
	g := &Graph{d: d}
	if err == nil {
		err = d.selfContained(*graph)
	}
	if err == nil {
		err = d.check("cuGraphInstantiate", d.call(d.graphInstantiate, uintptr(unsafe.Pointer(&g.exec)), *graph, 0))
	}
	if e := d.check("cuGraphDestroy", d.call(d.graphDestroy, *graph)); err == nil {
		err = e
	}
	if g.exec == 0 {
		return nil, err
	}
	d.live.Add(1)
	return g, err
}

// Replay puts the graph into s.
func (s *Stream) Replay(g *Graph) error {
	if s.none() || g == nil {
		return missing("Replay")
	}
	return s.d.check("cuGraphLaunch", s.d.hot(s.d.graphLaunch, g.exec, s.handle))
}

// Free gives the graph back, once.
func (g *Graph) Free() error {
	if g == nil || g.d.none() {
		return nil
	}
	return g.d.release("cuGraphExecDestroy", g.d.graphExecDestroy, &g.exec)
}

// Kinds of nodes of a graph, and of memory, by their numbers in the driver's interface.
const (
	nodeMemcpy = 1
	nodeHost   = 3
	memoryHost = 1
	copyBytes  = 200 // of CUDA_MEMCPY3D, with the kinds of memory of its source
	copySource = 32  // and its destination at these bytes
	copyTarget = 120
)

// selfContained reports a node that calls the host or copies its memory.
func (d *Device) selfContained(graph uintptr) error {
	n := new(uintptr)
	if err := d.check("cuGraphGetNodes", d.call(d.graphNodes, graph, 0, uintptr(unsafe.Pointer(n)))); err != nil ||
		*n == 0 {
		return err
	}
	nodes := make([]uintptr, *n)
	if err := d.check("cuGraphGetNodes", d.call(d.graphNodes, graph, uintptr(unsafe.Pointer(&nodes[0])),
		uintptr(unsafe.Pointer(n)))); err != nil {
		return err
	}
	kind, params := new(int32), make([]uint32, copyBytes/4)
	for i, node := range nodes {
		if err := d.check("cuGraphNodeGetType", d.call(d.nodeType, node, uintptr(unsafe.Pointer(kind)))); err != nil {
			return err
		}
		if *kind == nodeMemcpy {
			if err := d.check("cuGraphMemcpyNodeGetParams",
				d.call(d.memcpyParams, node, uintptr(unsafe.Pointer(&params[0])))); err != nil {
				return err
			}
		}
		if *kind == nodeHost || *kind == nodeMemcpy && (params[copySource/4] == memoryHost ||
			params[copyTarget/4] == memoryHost) {
			return errors.Errorf("cuda: node %d of %d of a graph calls the host or copies its memory, which a "+
				"replay would find as it was", i, *n)
		}
	}
	return nil
}
