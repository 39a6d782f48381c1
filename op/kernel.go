// Package op declares operations: what a graph is made of.
//
// An operation is one declaration. It is a comparable struct of attributes with one method, Spec, which states
// everything that a machine has to know: its inputs, the shape of its output, its gradient, its memory, its cost, and
// its kernels. From that the package makes a gorgonia.Op, which the engine binds once to planned memory, and which
// Gorgonia's tape machine runs as well, with the same bits. A function of one number is declared by its value and its
// derivative alone: see Pointwise.
//
//	type GELU struct{}
//
//	func (k GELU) Spec() op.Spec { return op.Pointwise(k, op.Function{…}) }
//
//	y, err := op.Apply(GELU{}, x)
//
// Nothing has to be registered, and operations of other modules are treated like those of this one: they are planned,
// run in place, allocate nothing, and can be tested by package optest.
//
// # Wide operands
//
// A graph has one floating-point type, but a log-determinant needs float64
// whatever the features are: its Gram matrix is often worse conditioned than
// float32 can carry. An operand declared Wide is float64 in every graph.
package op

import (
	stderrors "errors"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// ErrInput reports inputs that an op cannot take: wrong number, rank, shape,
// dtype or, where the data decide, value. Test for it with errors.Is.
var ErrInput = stderrors.New("bad input")

// ErrNotFinite reports a NaN or an infinity where the mathematics allow none.
var ErrNotFinite = stderrors.New("not finite")

// Float is the element type of a graph.
type Float interface{ float32 | float64 }

// A Run computes an op's output from the operands it was bound to. It writes every element of the output, which holds
// arbitrary values before, and no element of an input, unless the op declares that it does ([Spec].InPlace,
// [Spec].Writes). It may not allocate. The result may not depend on the number of workers.
type Run func() error

// Args are the operands of one op, bound once for many runs.
//
// Operand i is In[i], row-major and contiguous with shape Shapes[i], or WideIn[i]
// where the op declares it wide; a scalar is a slice of length 1.
type Args[T Float] struct {
	In      [][]T
	WideIn  [][]float64
	Shapes  []tensor.Shape
	Out     []T
	WideOut []float64
	Shape   tensor.Shape // of the output

	Work    []float64 // scratch, as many elements as Spec.Workspace asked for; arbitrary at every run
	Scratch []T       // the same, at least as many as Spec.Scratch asked for

	host
}

// A host holds what a machine on the host gives an op besides its operands. It is for ops of this module, whose
// kernels share it with package lin; other modules use [Args.Loop] and [Args.Gemm].
type host struct {
	Pool *par.Pool // the workers; nil is the calling goroutine alone
}

// Grain is the elements of a chunk: some microseconds of memory traffic.
const Grain = 1 << 14

// Each returns the run of f on chunks of the output's elements, shared by the
// workers. Chunks do not depend on the number of workers.
func (a *Args[T]) Each(f func(lo, hi int)) Run {
	if a == nil {
		return refused("no operands")
	}
	return a.Loop(max(len(a.Out), len(a.WideOut)), Grain, f)
}

// Rows returns the run of f on chunks of the rows of the first input, whose length
// is that of its last axis.
func (a *Args[T]) Rows(f func(lo, hi int)) Run {
	if a == nil || len(a.Shapes) == 0 {
		return refused("no operands")
	}
	n, d := rows(a.Shapes[0])
	return a.Loop(n, max(1, Grain/max(1, d)), f)
}

// refused is the run of an op that cannot run: it returns an error.
func refused(why string) Run {
	return func() error { return Errorf("op: a loop over %s", why) }
}

// Loop returns the run of f on chunks of [0, n), of grain numbers each.
func (a *Args[T]) Loop(n, grain int, f func(lo, hi int)) Run {
	if a == nil || f == nil {
		return refused("no operands, or of no function")
	}
	loop := a.Pool.Loop(n, grain, f)
	return loop.Run
}

// Gemm stores α op(A) op(B) + β C in C, for row-major matrices with op(A) m×k and op(B)
// k×n, whose rows lie lda, ldb and ldc elements apart. The workers share it. With m or n
// of 0 it does nothing, with k of 0 it is β C.
//
// Errors: rows that overlap, slices that end before their matrix does.
func (a *Args[T]) Gemm(
	transA, transB bool, m, n, k int, alpha T, x []T, lda int, y []T, ldb int, beta T, c []T, ldc int,
) error {
	err := stderrors.Join(reaches("A", len(x), m, k, lda, transA), reaches("B", len(y), k, n, ldb, transB),
		reaches("C", len(c), m, n, ldc, false))
	if a == nil || err != nil {
		return errors.WithMessage(Errorf("Gemm of m = %d, n = %d, k = %d: %v", m, n, k, err), "op")
	}
	lin.Gemm(a.Pool, transA, transB, m, n, k, alpha, x, lda, y, ldb, beta, c, ldc)
	return nil
}

// reaches reports a matrix, rows×cols before it is transposed, that size elements do
// not hold.
func reaches(name string, size, rows, cols, ld int, trans bool) error {
	if trans {
		rows, cols = cols, rows
	}
	if rows == 0 || cols == 0 {
		return nil
	}
	need, ok := sizes.Product(rows-1, ld)
	if !ok || rows < 0 || cols < 0 || ld < cols || need > size-cols {
		return Errorf("%s is %d×%d, with rows %d elements apart, of %d elements", name, rows, cols, ld, size)
	}
	return nil
}

// rows returns the number and the length of a tensor's rows.
func rows(s tensor.Shape) (n, d int) {
	if len(s) == 0 {
		return 1, 1
	}
	d = s[len(s)-1]
	return Operand{Shape: s}.Size() / max(1, d), d
}

// A Kernel is the computation of an op in both dtypes. Make one with Both.
type Kernel struct {
	f32 func(*Args[float32]) Run
	f64 func(*Args[float64]) Run
}

// Both returns the kernel of k that is one generic function:
//
//	Kernel: op.Both(k, bind, bind)
//
// where bind[T op.Float](k K, a *op.Args[T]) op.Run. Go instantiates it for
// float32 and for float64. It may allocate; the Run that it returns may not.
func Both[K any](k K, f32 func(K, *Args[float32]) Run, f64 func(K, *Args[float64]) Run) Kernel {
	return Kernel{
		func(a *Args[float32]) Run { return f32(k, a) },
		func(a *Args[float64]) Run { return f64(k, a) },
	}
}
