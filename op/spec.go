package op

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
)

// An Op is one operation on dense, row-major tensors.
//
// The dynamic type is a struct of attributes: numbers, strings, and structs, arrays
// and other ops of these; no pointers, slices, caches or scratch space. Its type and
// its attributes are its identity: Gorgonia merges nodes whose ops are alike and
// whose inputs are the same, so everything that changes the result is a field.
type Op interface {
	Spec() Spec
}

// A Spec is everything that a machine has to know about an op. The zero value of each field is what most ops want; In
// and Kernel have to be set.
type Spec struct {
	In []Input // what each input is

	// Shape returns the output's shape, or an error that wraps ErrInput. The inputs
	// are as In says. Nil is the shape of the first input.
	Shape func(in []tensor.Shape) (tensor.Shape, error)

	WideOut bool // the output is float64 in every graph

	// Grad returns ∂L/∂in[i] for each input, given dout = ∂L/∂out; nil where there is
	// none. It may use Must. A nil Grad is an op that is not differentiable.
	Grad func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes
	Wrt  []bool // in which inputs it is differentiable; nil is all of them, if Grad is set

	InPlace Over  // the input whose memory the output may take, if nothing reads that input afterwards
	Writes  []int // the inputs that a run changes, as an update of parameters does; see nn.Update

	Workspace func(in []tensor.Shape) int   // elements of Args.Work that a run needs
	Scratch   func(in []tensor.Shape) int   // elements of Args.Scratch that a run needs
	FLOPs     func(in []tensor.Shape) int64 // floating-point operations of a run, for profiles

	Kernel Kernel

	// Device puts the same computation into a device's stream. Nil: only on the host.
	Device        func(a *DeviceArgs) (Run, error)
	DeviceScratch func(a *DeviceArgs) (bytes int, err error) // by a.Dtype and a.Shapes; nil: as on the host
	Explain       func(f Report) error                       // see Report

	function *Function // of a Pointwise
	formula  *Formula  // of an Elementwise
}

// An Input is what an op asks of one input: its rank, and whether it is wide.
type Input int

// Any is an input of any rank.
const Any Input = -1

// Wide is an input of that rank that is float64 in every graph.
func Wide(rank Input) Input { return wideAt - rank }

// wideAt is where the numbers of wide inputs begin; they go down.
const wideAt Input = -10

func (i Input) isWide() bool { return i < Any }

// rank returns the rank, and whether there is one.
func (i Input) rank() (r int, fixed bool) {
	if i.isWide() {
		i = wideAt - i
	}
	return int(i), i != Any
}

// Over is the index of an input, or none.
type Over int

// Take says that the output may take the memory of input i.
func Take(i int) Over { return Over(i + 1) }

// Input returns the input, and whether there is one.
func (o Over) Input() (i int, ok bool) { return int(o) - 1, o > 0 }

// Elements returns how many elements inputs of these shapes have, the first of them:
// FLOPs of an op that takes one for each. It is 0 where there are no inputs.
func Elements(in []tensor.Shape) int64 {
	if len(in) == 0 {
		return 0
	}
	return int64(Operand{Shape: in[0]}.Size())
}

// Errorf returns an error that wraps ErrInput.
func Errorf(format string, args ...any) error { return errors.Wrapf(ErrInput, format, args...) }

// Must returns n. If err is not nil it abandons the calling Grad, which then fails with err.
func Must(n *gorgonia.Node, err error) *gorgonia.Node { return build.Must(n, err) }

// wrt returns the inputs that an op is differentiable in.
func (s *Spec) wrt() []bool {
	all := make([]bool, len(s.In))
	if s.Wrt != nil || s.Grad == nil {
		copy(all, s.Wrt)
		return all
	}
	for i := range all {
		all[i] = true
	}
	return all
}

// shape returns the output's shape.
func (s *Spec) shape(in []tensor.Shape) (tensor.Shape, error) {
	if s.Shape == nil {
		if len(in) == 0 {
			return nil, Errorf("op: no inputs to take the output's shape from")
		}
		return in[0].Clone(), nil
	}
	return s.Shape(in)
}

// perElement returns the FLOPs of an op that takes n for each element.
func perElement(n int64) func(in []tensor.Shape) int64 {
	if n == 0 {
		return nil
	}
	return func(in []tensor.Shape) int64 { return n * Elements(in) }
}
