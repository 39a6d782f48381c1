package engine

import (
	"encoding/binary"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// An Origin is where in a program the first number that is not finite is: an op
// whose inputs are all finite, or a leaf, which nothing computed.
type Origin struct {
	Node   *gorgonia.Node
	Op     int            // the op's number in running order, from 1; 0 for a leaf
	Leaves gorgonia.Nodes // for an op the named leaves that it is computed from, nearest first
	Direct int            // how many of Leaves are its own inputs
	Index  int            // of the element
	Value  float64        // NaN, +Inf or -Inf
}

// NotFinite runs the program once more, op by op, on the inputs of the last run, and returns the first place with a
// NaN or an infinity among what the given nodes are computed from; nil if there is none. Since a repeated run gives
// the same numbers, what Value returns does not change. Errors: those of a run, before such a place.
//
// Cost: a run, and a reading of all values, which on a device travel to the host.
func (p *Program) NotFinite(of gorgonia.Nodes) (o *Origin, err error) {
	if p.gone() {
		return nil, errors.New("engine: the program is closed")
	}
	needed, err := order(of)
	if err != nil {
		return nil, err
	}
	among := make(map[*gorgonia.Node]bool, len(needed))
	for _, n := range needed {
		among[n] = true
	}
	if p.device == nil {
		return p.firstNotFinite(among, func(n *gorgonia.Node) ([]byte, error) { return p.values[n].Bytes, nil })
	}
	if err := p.Wait(); err != nil {
		return nil, err
	}
	err = p.device.Device.Do(func() error {
		if o, err = p.firstNotFinite(among, p.download); err != nil {
			return err
		}
		return p.device.compute.Synchronize()
	})
	return o, err
}

// firstNotFinite is NotFinite of the nodes among, whose values read returns.
func (p *Program) firstNotFinite(
	among map[*gorgonia.Node]bool, read func(*gorgonia.Node) ([]byte, error),
) (*Origin, error) {
	at := 0
	for _, n := range p.nodes {
		if !isLeaf(n) {
			at++
			if err := p.again(at - 1); err != nil {
				return nil, p.located(at-1, err)
			}
		}
		if !among[n] {
			continue
		}
		x := op.Operand{Dtype: n.Dtype(), Shape: n.Shape()}
		var err error
		if x.Bytes, err = read(n); err != nil {
			return nil, err
		}
		i, v := notFinite(x)
		switch {
		case i < 0:
		case isLeaf(n):
			return &Origin{Node: n, Index: i, Value: v}, nil
		default:
			o := &Origin{Node: n, Op: at, Index: i, Value: v}
			o.Leaves, o.Direct = leavesOf(n)
			return o, nil
		}
	}
	return nil, nil
}

// again runs step i, and waits for it.
func (p *Program) again(i int) error {
	d := p.device
	if d == nil {
		return p.steps[i].run()
	}
	if i == 0 {
		if err := d.compute.Fill(d.status, 0, 8*len(p.steps)); err != nil {
			return err
		}
	}
	if err := p.steps[i].run(); err != nil {
		return err
	}
	word := make([]byte, 8)
	if err := d.compute.Download(word, d.status+launch.Ptr(8*i)); err != nil {
		return err
	}
	if err := d.compute.Synchronize(); err != nil {
		return err
	}
	if status := binary.NativeEndian.Uint64(word); status != 0 {
		return d.explain[i](status)
	}
	return nil
}

// download returns the value of n, which is on the device.
func (p *Program) download(n *gorgonia.Node) ([]byte, error) {
	x := op.NewOperand(n.Dtype(), n.Shape())
	if err := p.device.compute.Download(x.Bytes, p.device.ptr[n]); err != nil {
		return nil, err
	}
	return x.Bytes, p.device.compute.Synchronize()
}

// notFinite returns the first element of x that is NaN or infinite, -1 for none.
func notFinite(x op.Operand) (int, float64) {
	if x.Dtype == tensor.Float32 {
		return firstNotFinite(op.Slice[float32](x.Bytes))
	}
	return firstNotFinite(op.Slice[float64](x.Bytes))
}

func firstNotFinite[T op.Float](x []T) (int, float64) {
	for i, v := range x {
		if v-v != 0 {
			return i, float64(v)
		}
	}
	return -1, 0
}

// leavesOf returns the named leaves that n is computed from, in rising distance, and
// how many of them are its inputs.
func leavesOf(n *gorgonia.Node) (leaves gorgonia.Nodes, direct int) {
	seen := map[*gorgonia.Node]bool{n: true}
	for queue := (gorgonia.Nodes{n}); len(queue) > 0; queue = queue[1:] {
		for _, in := range inputsOf(queue[0]) {
			switch {
			case seen[in]:
				continue
			case !isLeaf(in):
				queue = append(queue, in)
			case in.Op() == nil:
				leaves = append(leaves, in)
			}
			seen[in] = true
		}
		if queue[0] == n {
			direct = len(leaves)
		}
	}
	return leaves, direct
}

// Label names the op or the leaf: "conv.Conv", or the name that the leaf was given.
func (o *Origin) Label() string { return label(o.Node) }
