// Package opkit turns a kernel, which is a value with a few methods, into a
// gorgonia.Op, which is an interface with eleven.
//
// An author writes the mathematics; the kit supplies arity, type, identity,
// allocation, dtype and shape checks, the gradient protocol and the recovery of
// panics, once and alike for every op. An op built here runs on the engine,
// which binds its kernel to planned memory once, and on Gorgonia's tape machine,
// which calls Do at every step: the same kernel, so the same bits.
//
// # Wide operands
//
// A graph has one floating-point type, but a log-determinant needs float64
// whatever the features are: its Gram matrix is often worse conditioned than
// float32 can carry. An operand declared wide (see Wide) is float64 in every
// graph.
package opkit

import (
	stderrors "errors"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// ErrInput reports inputs that an op cannot take: wrong number, rank, shape,
// dtype or, where the data decide, value. Test for it with errors.Is.
var ErrInput = stderrors.New("bad input")

// ErrNotFinite reports a NaN or an infinity where the mathematics allow none.
var ErrNotFinite = stderrors.New("not finite")

// Float is the element type of a graph.
type Float = simd.Float

// A Kernel is one operation on dense, row-major tensors.
//
// The dynamic type must be a struct of attributes: comparable, and without
// pointers, caches or scratch space. Its printed form (%#v) is the op's
// identity: Gorgonia merges nodes whose ops print alike and whose inputs are
// the same, so two kernels that print alike must compute alike.
type Kernel interface {
	// Ranks returns the rank of each input and of the output; 0 is a scalar.
	Ranks() (in []int, out int)

	// Shape returns the output's shape, or an error that wraps ErrInput. The
	// inputs have the ranks that Ranks gave.
	Shape(in []tensor.Shape) (tensor.Shape, error)

	// Bind32 and Bind64 return the computation on the operands in a. They may
	// allocate; the Run that they return is called once a step and may not.
	Bind32(a *Args[float32]) Run
	Bind64(a *Args[float64]) Run
}

// A Run computes an op's output from the operands it was bound to. It writes
// every element of the output, which holds arbitrary values before, and no
// element of an input, unless the output took the input's memory (see InPlace).
// The result may not depend on the number of workers.
type Run func() error

// Args are the operands of one op, bound once for many runs.
//
// Operand i is In[i], row-major and contiguous with shape Shapes[i], or WideIn[i]
// where the kernel declares it wide; a scalar is a slice of length 1.
type Args[T Float] struct {
	In      [][]T
	WideIn  [][]float64
	Shapes  []tensor.Shape
	Out     []T
	WideOut []float64
	Shape   tensor.Shape // of the output

	Work    []float64 // scratch, as many elements as Workspace asked for; arbitrary at every run
	Scratch []T       // the same, at least as many as Scratch asked for
	Pool    *par.Pool // the workers; nil is the calling goroutine alone
}

// A Differentiable kernel can extend the graph with its own gradient.
type Differentiable interface {
	Kernel

	// Grad returns one node per input, ∂L/∂in[i], given in, out and dout =
	// ∂L/∂out. It is nil where Wrt is false.
	Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error)

	// Wrt reports for each input whether the op is differentiable in it.
	Wrt() []bool
}

// Wide is implemented by kernels with operands that are float64 in every graph.
type Wide interface {
	Wide() (in []bool, out bool)
}

// Workspace is implemented by kernels that need scratch memory. The engine
// plans it together with the intermediates.
type Workspace interface {
	Workspace(in []tensor.Shape) int // in float64 elements
}

// Scratch is implemented by kernels that need scratch memory in the graph's dtype,
// instead of Workspace.
type Scratch interface {
	Scratch(in []tensor.Shape) int // in elements
}

// InPlace is implemented by kernels whose output may take the memory of one
// input that nobody reads afterwards. Out and In[i] are then one slice.
type InPlace interface {
	InPlace() int // the index of the input
}

// Costed is implemented by kernels that know how many floating-point operations
// a run takes, for Program.Profile. Others count as none.
type Costed interface {
	FLOPs(in []tensor.Shape) int64
}

// wide returns which operands of k are wide.
func wide(k Kernel) (in []bool, out bool) {
	if w, ok := k.(Wide); ok {
		return w.Wide()
	}
	ranks, _ := k.Ranks()
	return make([]bool, len(ranks)), false
}
