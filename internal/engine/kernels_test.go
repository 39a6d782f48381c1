package engine_test

import (
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// axpb is a·x + b element by element, in place where it may be. It is
// differentiable.
type axpb struct{ A, B float64 }

func (axpb) Ranks() (in []int, out int)                    { return []int{1}, 1 }
func (axpb) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (axpb) InPlace() int                                  { return 0 }
func (axpb) Wrt() []bool                                   { return []bool{true} }
func (axpb) FLOPs(in []tensor.Shape) int64                 { return 2 * int64(in[0].TotalSize()) }
func (k axpb) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindAxpb(k, a) }
func (k axpb) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindAxpb(k, a) }
func (k axpb) Grad(_ gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(axpb{A: k.A}, dout)
	return gorgonia.Nodes{dx}, err
}

func bindAxpb[T opkit.Float](k axpb, a *opkit.Args[T]) opkit.Run {
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

func (total) Ranks() (in []int, out int)                 { return []int{1}, 0 }
func (total) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }
func (total) Workspace(in []tensor.Shape) int            { return in[0][0] }
func (total) Wrt() []bool                                { return []bool{true} }
func (total) Bind32(a *opkit.Args[float32]) opkit.Run    { return bindTotal(a) }
func (total) Bind64(a *opkit.Args[float64]) opkit.Run    { return bindTotal(a) }
func (total) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(spread{}, in[0], dout)
	return gorgonia.Nodes{dx}, err
}

func bindTotal[T opkit.Float](a *opkit.Args[T]) opkit.Run {
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

func (spread) Ranks() (in []int, out int)                    { return []int{1, 0}, 1 }
func (spread) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (spread) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindSpread(a) }
func (spread) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindSpread(a) }

func bindSpread[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return func() error {
		for i := range a.Out {
			a.Out[i] = a.In[1][0]
		}
		return nil
	}
}

// broken fails, or panics.
type broken struct{ Panics bool }

func (broken) Ranks() (in []int, out int)                    { return []int{1}, 1 }
func (broken) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k broken) Bind32(a *opkit.Args[float32]) opkit.Run     { return k.run }
func (k broken) Bind64(a *opkit.Args[float64]) opkit.Run     { return k.run }

func (k broken) run() error {
	if k.Panics {
		panic("a kernel's mistake")
	}
	return errors.Wrap(opkit.ErrInput, "broken on purpose")
}

// vector adds an input to g.
func vector(g *gorgonia.ExprGraph, name string, data ...float64) *gorgonia.Node {
	return gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(len(data)),
		gorgonia.WithValue(tensor.New(tensor.WithShape(len(data)), tensor.WithBacking(data))))
}

// apply adds an op to a graph.
func apply(t testing.TB, k opkit.Kernel, in ...*gorgonia.Node) *gorgonia.Node {
	t.Helper()
	n, err := opkit.Apply(k, in...)
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
