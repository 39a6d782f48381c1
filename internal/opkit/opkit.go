// Package opkit is the way ops were written before package op: an interface with
// optional methods. It makes an op.Op of such a kernel, so that both kinds live in
// one graph until the last kernel has been declared anew.
package opkit

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// What package op has now.
type (
	Float         = op.Float
	Args[T Float] = op.Args[T]
	Run           = op.Run
	Operand       = op.Operand
	DeviceArgs    = op.DeviceArgs
	Sequence      = op.Sequence
	Pieces        = op.Pieces
	Finding       = op.Finding
)

// The sentinels of package op.
var (
	ErrInput     = op.ErrInput
	ErrNotFinite = op.ErrNotFinite
)

// Bytes returns the memory of s.
func Bytes[T Float](s []T) []byte { return op.Bytes(s) }

// Slice returns b as elements.
func Slice[T Float](b []byte) []T { return op.Slice[T](b) }

// OperandOf returns the memory of v.
func OperandOf(v gorgonia.Value) (Operand, error) { return op.OperandOf(v) }

// NewOperand returns zeroed memory for a tensor.
func NewOperand(dt tensor.Dtype, shape tensor.Shape) Operand { return op.NewOperand(dt, shape) }

// PiecesRoom is how many bytes Take needs for pieces of these sizes.
func PiecesRoom(bytes ...int) int { return op.PiecesRoom(bytes...) }

// Kernel is what every kernel has; the interfaces below are optional.
type Kernel interface {
	Ranks() (in []int, out int)
	Shape(in []tensor.Shape) (tensor.Shape, error)
	Bind32(a *Args[float32]) Run
	Bind64(a *Args[float64]) Run
}

// A Differentiable kernel can extend the graph with its own gradient.
type Differentiable interface {
	Kernel
	Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error)
	Wrt() []bool
}

// Wide is implemented by kernels with operands that are float64 in every graph.
type Wide interface {
	Wide() (in []bool, out bool)
}

// Workspace is implemented by kernels that need scratch memory, in float64.
type Workspace interface {
	Workspace(in []tensor.Shape) int
}

// Scratch is implemented by kernels that need scratch memory in the graph's dtype.
type Scratch interface {
	Scratch(in []tensor.Shape) int
}

// InPlace is implemented by kernels whose output may take the memory of an input.
type InPlace interface {
	InPlace() int
}

// Costed is implemented by kernels that know their floating-point operations.
type Costed interface {
	FLOPs(in []tensor.Shape) int64
}

// OnDevice is implemented by kernels that have a CUDA twin.
type OnDevice interface {
	BindCUDA(a *DeviceArgs) (Run, error)
}

// DeviceScratch is implemented by kernels whose CUDA twin needs other scratch.
type DeviceScratch interface {
	ScratchCUDA(d *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (bytes int, err error)
}

// Explained is implemented by kernels whose CUDA twin reports on the data.
type Explained interface {
	Explain(f Finding) error
}

// old is a kernel of this package as an op.
type old struct{ K Kernel }

func (o old) Unwrap() any { return o.K }

// Spec implements op.Op.
func (o old) Spec() op.Spec {
	ranks, _ := o.K.Ranks()
	s := op.Spec{Shape: o.K.Shape, Kernel: op.Both(o.K, Kernel.Bind32, Kernel.Bind64)}
	wide := make([]bool, len(ranks))
	if w, ok := o.K.(Wide); ok {
		wide, s.WideOut = w.Wide()
	}
	for i, r := range ranks {
		in := op.Input(r)
		if wide[i] {
			in = op.Wide(in)
		}
		s.In = append(s.In, in)
	}
	if d, ok := o.K.(Differentiable); ok {
		s.Wrt = d.Wrt()
		s.Grad = func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			grads, err := d.Grad(in, out, dout)
			build.Check(err)
			return grads
		}
	}
	if k, ok := o.K.(InPlace); ok {
		s.InPlace = op.Take(k.InPlace())
	}
	if k, ok := o.K.(Workspace); ok {
		s.Workspace = k.Workspace
	}
	if k, ok := o.K.(Scratch); ok {
		s.Scratch = k.Scratch
	}
	if k, ok := o.K.(Costed); ok {
		s.FLOPs = k.FLOPs
	}
	if k, ok := o.K.(OnDevice); ok {
		s.Device = k.BindCUDA
	}
	if k, ok := o.K.(DeviceScratch); ok {
		s.DeviceScratch = func(a *DeviceArgs) (int, error) { return k.ScratchCUDA(a.Stream.Device(), a.Dtype, a.Shapes) }
	}
	if k, ok := o.K.(Explained); ok {
		s.Explain = k.Explain
	}
	return s
}

// declared returns k as an op.
func declared(k any) (op.Op, error) {
	switch k := k.(type) {
	case op.Op:
		return k, nil
	case Kernel:
		return old{k}, nil
	}
	return nil, errors.Errorf("opkit: %T is neither an op nor a kernel", k)
}

// Apply adds the op of k to the graph of in.
func Apply(k any, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	o, err := declared(k)
	if err != nil {
		return nil, err
	}
	return op.Apply(o, in...)
}

// New returns the op that runs k, to be run by Do.
func New(k any) gorgonia.Op {
	o, err := declared(k)
	build.Check(err)
	return op.Bare(o)
}

// KernelOf returns the kernel of an op.
func KernelOf(o gorgonia.Op) (k any, ok bool) {
	of, _, ok := op.Of(o)
	if w, is := of.(old); is {
		return w.K, true
	}
	return of, ok
}

// Bind returns the run of k on the operands out and in.
func Bind(k any, out Operand, in []Operand, work []float64, pool *par.Pool) Run {
	o, err := declared(k)
	build.Check(err)
	s, h := o.Spec(), op.Host{Work: work}
	h.Pool = pool
	return s.Bind(out, in, h)
}

// WorkspaceOf returns how many float64 elements of scratch k needs.
func WorkspaceOf(k any, dt tensor.Dtype, in []tensor.Shape) int {
	o, err := declared(k)
	build.Check(err)
	s := o.Spec()
	return s.WorkspaceOf(dt, in)
}
