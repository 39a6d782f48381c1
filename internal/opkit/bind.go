package opkit

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// Bind returns the run of k on the operands out and in.
func Bind(k Kernel, out Operand, in []Operand, work []float64, pool *par.Pool) Run {
	if graphDtype(k, out, in) == tensor.Float32 {
		return k.Bind32(args[float32](k, out, in, work, pool))
	}
	return k.Bind64(args[float64](k, out, in, work, pool))
}

// WorkspaceOf returns how many float64 elements of scratch k needs in a graph of
// dtype dt.
func WorkspaceOf(k Kernel, dt tensor.Dtype, in []tensor.Shape) int {
	switch w := k.(type) {
	case Workspace:
		return w.Workspace(in)
	case Scratch:
		return (w.Scratch(in)*int(dt.Size()) + 7) / 8
	}
	return 0
}

// OutDtype returns the dtype of k's output for the inputs in.
func OutDtype(k Kernel, in []Operand) tensor.Dtype {
	wideIn, wideOut := wide(k)
	if !wideOut {
		for i, x := range in {
			if !wideIn[i] {
				return x.Dtype
			}
		}
	}
	return tensor.Float64
}

// graphDtype returns the dtype of the operands that are not wide.
func graphDtype(k Kernel, out Operand, in []Operand) tensor.Dtype {
	wideIn, wideOut := wide(k)
	for i, x := range in {
		if !wideIn[i] {
			return x.Dtype
		}
	}
	if !wideOut {
		return out.Dtype
	}
	return tensor.Float64
}

func args[T Float](k Kernel, out Operand, in []Operand, work []float64, pool *par.Pool) *Args[T] {
	a := &Args[T]{
		In: make([][]T, len(in)), WideIn: make([][]float64, len(in)), Shapes: make([]tensor.Shape, len(in)),
		Shape: out.Shape, Work: work, Pool: pool,
	}
	if _, ok := k.(Scratch); ok {
		a.Scratch = Slice[T](Bytes(work))
	}
	wideIn, wideOut := wide(k)
	for i, x := range in {
		a.Shapes[i] = x.Shape
		if wideIn[i] {
			a.WideIn[i] = Slice[float64](x.Bytes)
		} else {
			a.In[i] = Slice[T](x.Bytes)
		}
	}
	if wideOut {
		a.WideOut = Slice[float64](out.Bytes)
	} else {
		a.Out = Slice[T](out.Bytes)
	}
	return a
}
