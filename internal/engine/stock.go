package engine

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// kernelOf returns the kernel that computes n: the one its op was made from, or
// one that stands in for a stock Gorgonia op.
func kernelOf(n *gorgonia.Node) (opkit.Kernel, bool) {
	if k, ok := opkit.KernelOf(n.Op()); ok {
		return k, true
	}
	if fmt.Sprint(n.Op()) != "+ false" { // Gorgonia's printed form of Add
		return nil, false
	}
	for _, in := range inputsOf(n) {
		if !in.Shape().Eq(n.Shape()) || in.Dtype() != n.Dtype() {
			return nil, false
		}
	}
	return add{rank: n.Dims()}, true
}

// add is x + y for two operands of one shape: what Gorgonia puts where the
// gradients of a node with several readers meet.
type add struct{ rank int }

func (k add) Ranks() (in []int, out int) { return []int{k.rank, k.rank}, k.rank }

func (k add) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (k add) InPlace() int { return 0 }

func (k add) FLOPs(in []tensor.Shape) int64 { return int64(in[0].TotalSize()) }

func (k add) Bind32(a *opkit.Args[float32]) opkit.Run { return bindAdd(a) }
func (k add) Bind64(a *opkit.Args[float64]) opkit.Run { return bindAdd(a) }

func bindAdd[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	out, x, y := a.Out, a.In[0], a.In[1]
	loop := a.Pool.Loop(len(out), 1<<14, func(lo, hi int) {
		x, y := x[lo:hi], y[lo:hi]
		for i := range out[lo:hi] {
			out[lo+i] = x[i] + y[i]
		}
	})
	return func() error {
		loop.Do()
		return nil
	}
}

// foreign returns the run of a stock Gorgonia op: its Do, on copies of the
// inputs, and a copy of its result.
func foreign(op gorgonia.Op, out opkit.Operand, in []opkit.Operand) opkit.Run {
	return func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = errors.Errorf("panic: %v", r)
			}
		}()
		vs := make([]gorgonia.Value, len(in))
		for i, x := range in {
			c := opkit.NewOperand(x.Dtype, x.Shape)
			copy(c.Bytes, x.Bytes)
			vs[i] = c.Value()
		}
		v, err := op.Do(vs...)
		if err != nil {
			return errors.Wrap(err, "stock op")
		}
		got, err := opkit.OperandOf(v)
		if err != nil {
			return err
		}
		if got.Dtype != out.Dtype || len(got.Bytes) != len(out.Bytes) {
			return errors.Errorf("gave %v of %v, want %v of %v", got.Shape, got.Dtype, out.Shape, out.Dtype)
		}
		copy(out.Bytes, got.Bytes)
		return nil
	}
}
