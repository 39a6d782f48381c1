package opkit

import (
	"fmt"
	"hash"
	"hash/fnv"
	"slices"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Apply adds the op of k to the graph of in.
func Apply(k Kernel, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	if i := slices.Index(in, nil); i >= 0 {
		return nil, errors.Wrapf(ErrInput, "%T: input %d is nil", k, i)
	}
	ranks, _ := k.Ranks()
	if len(in) != len(ranks) {
		return nil, errors.Wrapf(ErrInput, "%T: %d inputs, want %d", k, len(in), len(ranks))
	}
	if err := check(k, in, ranks); err != nil {
		return nil, err
	}
	shapes := make([]tensor.Shape, len(in))
	for i, n := range in {
		shapes[i] = n.Shape()
	}
	if _, err := k.Shape(shapes); err != nil { // before Gorgonia puts words of its own around it
		return nil, err
	}
	op := New(k)
	n, err := gorgonia.ApplyOp(op, in...)
	if err != nil {
		return nil, errors.WithMessagef(err, "%T", k)
	}
	return n, distinct(n, op, in)
}

// check reports the first input of another rank or dtype than k takes, before
// Gorgonia's type inference does in words of its own.
func check(k Kernel, in gorgonia.Nodes, ranks []int) error {
	wideIn, _ := wide(k)
	var dt tensor.Dtype
	first := -1
	for i, n := range in {
		if n.Dims() != ranks[i] {
			return errors.Wrapf(ErrInput, "%T: input %d has shape %v, want rank %d", k, i, n.Shape(), ranks[i])
		}
		switch {
		case wideIn[i] && n.Dtype() != tensor.Float64:
			return errors.Wrapf(ErrInput, "%T: input %d is %v, want float64", k, i, n.Dtype())
		case wideIn[i]:
		case n.Dtype() != tensor.Float32 && n.Dtype() != tensor.Float64:
			return errors.Wrapf(ErrInput, "%T: input %d is %v, want float32 or float64", k, i, n.Dtype())
		case first < 0:
			first, dt = i, n.Dtype()
		case n.Dtype() != dt:
			return errors.Wrapf(ErrInput, "%T: input %d is %v but input %d is %v", k, i, n.Dtype(), first, dt)
		}
	}
	return nil
}

// distinct reports a node that Gorgonia merged with another one because their
// 32-bit hashes are equal although their ops or inputs are not.
func distinct(n *gorgonia.Node, op gorgonia.Op, in gorgonia.Nodes) error {
	ok := n.Op() == op
	it := n.Graph().From(n.ID())
	for i := 0; it != nil && it.Next(); i++ {
		ok = ok && i < len(in) && it.Node() == in[i]
	}
	if !ok {
		return errors.Errorf("opkit: %v was merged with another node, %v, by a hash collision: rename an input", op, n)
	}
	return nil
}

// New returns the op that runs k. It is differentiable in the inputs that k is.
func New(k Kernel) gorgonia.Op { return op{k} }

// KernelOf returns the kernel of an op that New made.
func KernelOf(o gorgonia.Op) (k Kernel, ok bool) {
	ours, ok := o.(op)
	return ours.k, ok
}

// op adapts a Kernel to gorgonia.Op. Every op is a gorgonia.SDOp: one that is
// differentiable in nothing says so in DiffWRT, which lets Gorgonia stop there.
type op struct{ k Kernel }

var _ gorgonia.SDOp = op{}

func (o op) Arity() int           { in, _ := o.k.Ranks(); return len(in) }
func (o op) ReturnsPtr() bool     { return true }
func (o op) CallsExtern() bool    { return false }
func (o op) OverwritesInput() int { return -1 }
func (o op) String() string       { return fmt.Sprintf("%#v", o.k) }

// WriteHash writes the kernel's type and every attribute.
func (o op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "%#v", o.k) }

func (o op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// Type is built anew at every call, for Gorgonia returns it to a pool.
func (o op) Type() hm.Type {
	of := func(rank int, wide bool) hm.Type {
		var elem hm.Type = hm.TypeVariable('a')
		if wide {
			elem = tensor.Float64
		}
		if rank == 0 {
			return elem
		}
		return gorgonia.TensorType{Dims: rank, Of: elem}
	}
	ranks, rank := o.k.Ranks()
	wideIn, wideOut := wide(o.k)
	var ts []hm.Type
	for i, r := range ranks {
		ts = append(ts, of(r, wideIn[i]))
	}
	return hm.NewFnType(append(ts, of(rank, wideOut))...)
}

func (o op) InferShape(ds ...gorgonia.DimSizer) (tensor.Shape, error) {
	in, err := gorgonia.DimSizersToShapes(ds)
	if err != nil {
		return nil, errors.Wrapf(err, "%v", o)
	}
	return o.k.Shape(in)
}

func (o op) DiffWRT(inputs int) []bool {
	if d, ok := o.k.(Differentiable); ok {
		return d.Wrt()
	}
	return make([]bool, inputs)
}

func (o op) SymDiff(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	d, ok := o.k.(Differentiable)
	if !ok {
		return nil, errors.Wrapf(ErrInput, "%v is not differentiable", o)
	}
	ds, err := d.Grad(in, out, dout)
	return ds, errors.WithMessagef(err, "gradient of %T", o.k)
}
