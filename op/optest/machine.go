package optest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op"
)

// A graph is a case's op with the loss ⟨w, out⟩, where w is fixed.
type graph struct {
	g      *gorgonia.ExprGraph
	in     []*tensor.Dense
	nodes  gorgonia.Nodes
	smooth gorgonia.Nodes // the inputs that the loss is differentiated by
	out    *gorgonia.Node
	loss   *gorgonia.Node
	grads  gorgonia.Nodes
}

func newGraph(t testing.TB, c Case, dt tensor.Dtype) *graph {
	t.Helper()
	g := &graph{g: gorgonia.NewGraph()}
	for i, a := range c.In {
		require.NoError(t, a.check())
		v := dense(dt, a)
		opts := []gorgonia.NodeConsOpt{gorgonia.WithName(fmt.Sprintf("in%d", i))}
		leaf := gorgonia.NewTensor(g.g, v.Dtype(), v.Dims(), append(opts, gorgonia.WithShape(v.Shape()...),
			gorgonia.WithValue(v))...)
		n := leaf
		if len(a.Shape) == 0 { // Gorgonia copies the value of a scalar input, so that it could not be changed
			var err error
			n, err = op.Apply(first{}, leaf)
			require.NoError(t, err)
		}
		g.in, g.nodes = append(g.in, v), append(g.nodes, n)
		if !a.Const {
			g.smooth = append(g.smooth, leaf)
		}
	}
	var err error
	g.out, err = c.Build(g.nodes...)
	require.NoError(t, err, "build")
	if len(g.smooth) == 0 {
		return g
	}
	w := gorgonia.NewTensor(g.g, g.out.Dtype(), 1, gorgonia.WithName("w"), gorgonia.WithShape(size(g.out.Shape())),
		gorgonia.WithValue(dense(g.out.Dtype(), weights(size(g.out.Shape())))))
	g.loss, err = op.Apply(inner{}, g.out, w)
	require.NoError(t, err, "loss")
	one := gorgonia.Value(gorgonia.NewF64(1))
	if g.loss.Dtype() == tensor.Float32 {
		one = gorgonia.NewF32(1)
	}
	g.grads, err = gorgonia.Backpropagate(gorgonia.Nodes{g.loss}, gorgonia.Nodes{g.g.Constant(one)}, g.smooth)
	require.NoError(t, err, "symbolic gradient")
	return g
}

// weights are those of the loss ⟨w, out⟩: the same for every dtype.
func weights(n int) Array { return Normal(99, 1, n) }

// A machine is the engine's program for a case.
type machine struct {
	*graph
	p *engine.Program
}

func newMachine(t *testing.T, c Case, dt tensor.Dtype, workers int) *machine {
	t.Helper()
	g := newGraph(t, c, dt)
	p, err := engine.Compile(append(gorgonia.Nodes{g.out}, g.grads...), engine.Config{Workers: workers})
	require.NoError(t, err, "compile")
	return &machine{g, p}
}

func (m *machine) close() { _ = m.p.Close() }

// run runs the program on in and returns the output and the gradients.
func (m *machine) run(t *testing.T, in []Array) (out []float64, grads [][]float64) {
	t.Helper()
	for i, a := range in {
		fill(m.in[i], a.Data)
	}
	require.NoError(t, m.p.Run(), "run")
	for i, a := range in {
		require.Zero(t, distance(floats(m.in[i]), floats(dense(m.in[i].Dtype(), a))), "the op wrote to input %d", i)
	}
	for i, n := range append(gorgonia.Nodes{m.out}, m.grads...) {
		v, err := m.p.Value(n)
		require.NoError(t, err)
		if i == 0 {
			out = floats(v)
		} else {
			grads = append(grads, floats(v))
		}
	}
	return out, grads
}

// tape runs the case on Gorgonia's tape machine.
func tape(t *testing.T, c Case, dt tensor.Dtype) (out []float64, grads [][]float64) {
	t.Helper()
	g := newGraph(t, c, dt)
	read := make([]gorgonia.Value, 1+len(g.grads))
	for i, n := range append(gorgonia.Nodes{g.out}, g.grads...) {
		gorgonia.Read(n, &read[i])
	}
	vm := gorgonia.NewTapeMachine(g.g)
	defer vm.Close()
	require.NoError(t, vm.RunAll(), "tape machine")
	for i, v := range read {
		x, err := op.OperandOf(v)
		require.NoError(t, err)
		if i == 0 {
			out = floats(x.Dense())
		} else {
			grads = append(grads, floats(x.Dense()))
		}
	}
	return out, grads
}

func dense(dt tensor.Dtype, a Array) *tensor.Dense {
	if a.Wide {
		dt = tensor.Float64
	}
	shape := a.Shape
	if len(shape) == 0 {
		shape = []int{1}
	}
	if dt == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(a.Data)))
	}
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	fill(v, a.Data)
	return v
}

func fill(v *tensor.Dense, data []float64) {
	if v.Dtype() == tensor.Float64 {
		copy(v.Float64s(), data)
		return
	}
	dst := v.Float32s()
	for i, x := range data {
		dst[i] = float32(x)
	}
}

func floats(v *tensor.Dense) []float64 {
	if v.Dtype() == tensor.Float64 {
		return slices.Clone(v.Float64s())
	}
	var out []float64
	for _, x := range v.Float32s() {
		out = append(out, float64(x))
	}
	return out
}

func size(shape tensor.Shape) int { return op.Operand{Shape: shape}.Size() }
