// Package gather is rows of a table, by their numbers.
//
//	out[i, …] = x[index[i], …]
//
// for an index of any rank. An embedding is a Gather from a table of vectors.
//
// # Method
//
// Copies. The gradient sorts the numbers by counting, so that each row of the table sums
// the rows of D that are its own, in their order, and no two workers write to one row.
//
// # Gradient
//
//	∂L/∂x[r, …] = Σ D[i, …] over the i with index[i] = r
//
// and 0 for a row that is not asked for. It is not differentiable in the index.
//
// # Numerics
//
// Exact; the gradient sums in float64. Bound by memory, but on a device, where the gradient
// reads the whole index for each row of the table. A number that is not an integer, or no
// row's, is an error of the run that says which.
package gather

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Gather is the op: inputs x (v×…) and index, of any rank; output in the index's shape,
// then that of a row.
type Gather struct{}

// scatter is the op of ∂L/∂x for a table of Rows rows: inputs D and index.
type scatter struct{ Rows int }

// Spec implements op.Op.
func (k Gather) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any}, Kernel: op.Both(k, bindGather, bindGather), Wrt: []bool{true, false},
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if len(in[0]) == 0 {
				return nil, op.Errorf("gather: from one number, want a table, v×…")
			}
			return append(in[1].Clone(), in[0][1:]...), nil
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(scatter{in[0].Shape()[0]}, dout, in[1])), nil}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			n, v := size(a.Shapes[1]), a.Shapes[0][0]
			return kernel(a, "gather", launch.Rows(n), launch.I(n), launch.I(a.N()/n), launch.I(v), a.Y(), a.X(0),
				a.X(1), launch.P(a.Status))
		},
		Explain: func(f op.Report) error { return noRow(f.Number, float64(f.Value), f.Shapes[0][0]) },
	}
}

func (k scatter) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any}, Kernel: op.Both(k, bindScatter, bindScatter),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return append(tensor.Shape{k.Rows}, in[0][len(in[1]):]...), nil
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			n := size(a.Shapes[1])
			return kernel(a, "scatter", launch.Rows(k.Rows), launch.I(n), launch.I(a.N()/k.Rows), launch.I(k.Rows),
				a.Y(), a.X(0), a.X(1))
		},
	}
}

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("gather", ptx.Of("gather/gather"), "gather_"+name, shape, args...)
}

func size(shape tensor.Shape) int { return op.Operand{Shape: shape}.Size() }

// noRow is the error of number i of an index.
func noRow(i int, value float64, rows int) error {
	return op.Errorf("gather: number %d of the index is %v, want an integer from 0 to %d", i, value, rows-1)
}
