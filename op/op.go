package op

import (
	"hash"
	"slices"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Apply adds the op k to the graph of its inputs.
func Apply(k Op, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	if k == nil {
		return nil, Errorf("op: apply no op")
	}
	if i := slices.IndexFunc(in, func(n *gorgonia.Node) bool { return build.Rank(n) < 0 }); i >= 0 {
		return nil, Errorf("%s: input %d is nil, or of no graph", Name(k), i)
	}
	o := newNode(k)
	s := &o.spec
	if err := check(k, s, in); err != nil {
		return nil, err
	}
	shapes := make([]tensor.Shape, len(in), len(in)+1)
	for i, n := range in {
		shapes[i] = n.Shape()
	}
	out, err := s.shape(shapes) // before Gorgonia wraps the error
	if err != nil {
		return nil, err
	}
	if _, ok := sizes.Product(out...); !ok {
		return nil, errors.Wrap(ErrInput, sizes.Check("op: "+Name(k)+": an output", out...).Error())
	}
	if s.Writes != nil {
		if err := checkWrites(k, s, in); err != nil {
			return nil, err
		}
	}
	o.ranks = ranksOf(append(shapes, out))
	n, err := gorgonia.ApplyOp(o, in...)
	if err != nil {
		return nil, errors.WithMessage(err, Name(k))
	}
	return n, distinct(n, o, in)
}

// check reports the first input of another rank or dtype than k takes, before Gorgonia's type inference does so with
// a message of its own.
func check(k Op, s *Spec, in gorgonia.Nodes) error {
	if err := identifiable(k); err != nil {
		return err
	}
	if len(in) != len(s.In) {
		return Errorf("%s: %d inputs, want %d", Name(k), len(in), len(s.In))
	}
	var dt tensor.Dtype
	first := -1
	for i, n := range in {
		if rank, fixed := s.In[i].rank(); fixed && n.Dims() != rank {
			return Errorf("%s: input %d has shape %v, want rank %d", Name(k), i, n.Shape(), rank)
		}
		switch {
		case s.In[i].isWide() && n.Dtype() != tensor.Float64:
			return Errorf("%s: input %d is %v, want float64", Name(k), i, n.Dtype())
		case s.In[i].isWide():
		case n.Dtype() != tensor.Float32 && n.Dtype() != tensor.Float64:
			return Errorf("%s: input %d is %v, want float32 or float64", Name(k), i, n.Dtype())
		case first < 0:
			first, dt = i, n.Dtype()
		case n.Dtype() != dt:
			return Errorf("%s: input %d is %v but input %d is %v", Name(k), i, n.Dtype(), first, dt)
		}
	}
	if first < 0 && !s.WideOut {
		return Errorf("%s: every input is wide, so that nothing says what the output is: set WideOut, or take an "+
			"input that is not wide", Name(k))
	}
	return nil
}

// checkWrites reports an input that cannot be written to.
func checkWrites(k Op, s *Spec, in gorgonia.Nodes) error {
	for _, i := range s.Writes {
		if in[i].Op() != nil {
			return Errorf("%s: input %d is written, but is %v, want a parameter or an input", Name(k), i, in[i])
		}
	}
	return nil
}

// distinct reports a node that Gorgonia merged with another one because their
// 32-bit hashes are equal although their ops or inputs are not.
func distinct(n *gorgonia.Node, op node, in gorgonia.Nodes) error {
	was, ok := n.Op().(node)
	ok = ok && was.k == op.k && was.ranks == op.ranks
	it := n.Graph().From(n.ID())
	for i := 0; it != nil && it.Next(); i++ {
		ok = ok && i < len(in) && it.Node() == in[i]
	}
	if !ok {
		return errors.Errorf("op: %v was merged with another node, %v, by a hash collision: rename an input", op, n)
	}
	return nil
}

// Of returns the op that a node of this package's was made of, and what it declares.
func Of(o gorgonia.Op) (k Op, s *Spec, ok bool) {
	ours, ok := o.(node)
	if !ok {
		return nil, nil, false
	}
	return ours.k, &ours.spec, true
}

// Bare returns the gorgonia.Op of k, of which Type is not known: to be run by Do. Of nil
// it is nil.
func Bare(k Op) gorgonia.SDOp {
	if k == nil {
		return nil
	}
	return newNode(k)
}

// A node adapts an Op to gorgonia.Op. Every node is a gorgonia.SDOp: one that is
// differentiable in nothing says so in DiffWRT, which lets Gorgonia stop there.
type node struct{ *declared }

// A declared is an op with the answers to what Gorgonia asks repeatedly, computed once.
type declared struct {
	k       Op
	spec    Spec
	ranks   string // a byte each, those of the inputs first, for Gorgonia's types are of a rank
	hash    uint32
	printed string // as Gorgonia names nodes
}

var _ gorgonia.SDOp = node{}

// An fnv32 is FNV-1a of what is written to it.
type fnv32 uint32

const offset32, prime32 = 2166136261, 16777619

// WriteString implements io.StringWriter.
func (h *fnv32) WriteString(s string) (int, error) {
	for i := range len(s) {
		*h = (*h ^ fnv32(s[i])) * prime32
	}
	return len(s), nil
}

func newNode(k Op) node {
	name, h := printed(k), fnv32(offset32)
	writeIdentity(&h, k, name)
	return node{&declared{k: k, spec: k.Spec(), printed: name, hash: uint32(h)}}
}

func ranksOf(shapes []tensor.Shape) string {
	ranks := make([]byte, len(shapes))
	for i, s := range shapes {
		ranks[i] = byte(len(s))
	}
	return string(ranks)
}

func (o node) Arity() int           { return len(o.spec.In) }
func (o node) ReturnsPtr() bool     { return true }
func (o node) CallsExtern() bool    { return false }
func (o node) OverwritesInput() int { return -1 }
func (o node) String() string       { return o.printed }

// WriteHash writes what stands for the op's type and every attribute.
func (o node) WriteHash(h hash.Hash) {
	_, _ = h.Write([]byte{byte(o.hash >> 24), byte(o.hash >> 16), byte(o.hash >> 8), byte(o.hash)})
}

func (o node) Hashcode() uint32 { return o.hash }

// Type is built anew at every call, for Gorgonia returns it to a pool.
func (o node) Type() hm.Type {
	of := func(rank byte, wide bool) hm.Type {
		var elem hm.Type = hm.TypeVariable('a')
		if wide {
			elem = tensor.Float64
		}
		if rank == 0 {
			return elem
		}
		return gorgonia.TensorType{Dims: int(rank), Of: elem}
	}
	s := &o.spec
	var ts []hm.Type
	for i, in := range s.In {
		ts = append(ts, of(o.ranks[i], in.isWide()))
	}
	return hm.NewFnType(append(ts, of(o.ranks[len(s.In)], s.WideOut))...)
}

func (o node) InferShape(ds ...gorgonia.DimSizer) (tensor.Shape, error) {
	in, err := gorgonia.DimSizersToShapes(ds)
	if err != nil {
		return nil, errors.Wrapf(err, "%v", o)
	}
	return o.spec.shape(in)
}

func (o node) DiffWRT(int) []bool { return o.spec.wrt() }

func (o node) SymDiff(in gorgonia.Nodes, out, dout *gorgonia.Node) (grads gorgonia.Nodes, err error) {
	if o.spec.Grad == nil {
		return nil, Errorf("%v is not differentiable", o)
	}
	defer build.Catch(&err, "gradient of %s", Name(o.k))
	return o.spec.Grad(in, out, dout), nil
}
