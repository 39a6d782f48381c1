// Package cumsum is sums of all elements up to each, along an axis.
//
//	out[i] = Σ x[l] over l ≤ i, or, Reverse, over l ≥ i
//
// # Gradient
//
// ∂L/∂x is the sum of D the other way round.
//
// # Numerics
//
// One running sum in float64, in the order of the axis. Bound by memory on the host; on a
// device a thread takes a line, so that one long line is slow.
package cumsum

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// CumSum is the op, for x of any rank from 1.
type CumSum struct {
	Axis    int
	Reverse bool
}

// Spec implements op.Op.
func (k CumSum) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, InPlace: op.Take(0), FLOPs: op.Elements, Kernel: op.Both(k, bind, bind),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if k.Axis < 0 || k.Axis >= len(in[0]) {
				return nil, op.Errorf("cumsum: axis %d of %v, want one from 0 to %d", k.Axis, in[0], len(in[0])-1)
			}
			return in[0].Clone(), nil
		},
		Grad: func(_ gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(CumSum{k.Axis, !k.Reverse}, dout))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			l := k.layout(a.Shape)
			n := l.before * l.after
			return a.Kernel("cumsum", ptx.Of("cumsum/cumsum"), "cumsum_sum", launch.Elements(n), launch.I(n),
				launch.I(l.length), launch.I(l.after), a.Y(), a.X(0), launch.B(k.Reverse))
		},
	}
}

// A layout is the lines of an axis: length numbers, after of them apart.
type layout struct{ before, length, after int }

func (k CumSum) layout(x []int) layout {
	l := layout{1, x[k.Axis], 1}
	for i, size := range x {
		switch {
		case i < k.Axis:
			l.before *= size
		case i > k.Axis:
			l.after *= size
		}
	}
	return l
}

const block = 64 // lines that are summed at a time

func bind[T op.Float](k CumSum, a *op.Args[T]) op.Run {
	l := k.layout(a.Shape)
	blocks := (l.after + block - 1) / block
	grain := max(1, op.Grain/(l.length*min(l.after, block)))
	return a.Loop(l.before*blocks, grain, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			first := t % blocks * block
			at := t/blocks*l.length*l.after + first
			sum(k, l, a.Out[at:], a.In[0][at:], min(block, l.after-first))
		}
	})
}

// sum sums the lines of n numbers that lie side by side.
func sum[T op.Float](k CumSum, l layout, out, x []T, n int) {
	var sums [block]float64
	for i := range l.length {
		at := i * l.after
		if k.Reverse {
			at = (l.length - 1 - i) * l.after
		}
		for j, v := range x[at : at+n] {
			sums[j] += float64(v)
			out[at+j] = T(sums[j])
		}
	}
}
