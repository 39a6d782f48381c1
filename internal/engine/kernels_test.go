package engine_test

import (
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// axpb is a·x + b element by element, in place where it may be. It is
// differentiable.
type axpb struct{ A, B float64 }

func (k axpb) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{1},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindAxpb, bindAxpb),
		Grad: func(_ gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(axpb{A: k.A}, dout))}
		},
		FLOPs: func(in []tensor.Shape) int64 { return 2 * op.Elements(in) },
	}
}

func bindAxpb[T op.Float](k axpb, a *op.Args[T]) op.Run {
	return func() error {
		for i, v := range a.In[0] {
			a.Out[i] = T(k.A)*v + T(k.B)
		}
		return nil
	}
}

// total is the sum of x, in two passes through scratch memory, so that a plan
// that gave the scratch to somebody else shows.
type total struct{}

func (k total) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{1},
		Kernel:    op.Both(k, bindTotal, bindTotal),
		Shape:     func([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil },
		Workspace: func(in []tensor.Shape) int { return in[0][0] },
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(spread{}, in[0], dout))}
		},
	}
}

func bindTotal[T op.Float](_ total, a *op.Args[T]) op.Run {
	return func() error {
		for i, v := range a.In[0] {
			a.Work[i] = float64(v)
		}
		sum := 0.0
		for _, v := range a.Work[:len(a.In[0])] {
			sum += v
		}
		a.Out[0] = T(sum)
		return nil
	}
}

// spread is a scalar repeated in the shape of x.
type spread struct{}

func (k spread) Spec() op.Spec {
	return op.Spec{In: []op.Input{1, 0}, Kernel: op.Both(k, bindSpread, bindSpread)}
}

func bindSpread[T op.Float](_ spread, a *op.Args[T]) op.Run {
	return func() error {
		for i := range a.Out {
			a.Out[i] = a.In[1][0]
		}
		return nil
	}
}

// broken fails, or panics.
type broken struct{ Panics bool }

func (k broken) Spec() op.Spec {
	return op.Spec{In: []op.Input{1}, Kernel: op.Both(k, bindBroken, bindBroken)}
}

func bindBroken[T op.Float](k broken, _ *op.Args[T]) op.Run { return k.run }

func (k broken) run() error {
	if k.Panics {
		panic("a kernel's mistake")
	}
	return errors.Wrap(op.ErrInput, "broken on purpose")
}

// vector adds an input to g.
func vector(g *gorgonia.ExprGraph, name string, data ...float64) *gorgonia.Node {
	return gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(len(data)),
		gorgonia.WithValue(tensor.New(tensor.WithShape(len(data)), tensor.WithBacking(data))))
}

// apply adds an op to a graph.
func apply(t testing.TB, k op.Op, in ...*gorgonia.Node) *gorgonia.Node {
	t.Helper()
	n, err := op.Apply(k, in...)
	require.NoError(t, err)
	return n
}

// chain adds steps ops in a row.
func chain(t testing.TB, x *gorgonia.Node, steps int) *gorgonia.Node {
	for i := range steps {
		x = apply(t, axpb{A: 1.5, B: float64(i)}, x)
	}
	return x
}
