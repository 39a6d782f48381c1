package opkit_test

import (
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// mix is x + c·w where w is wide: float64 in a float32 graph.
type mix struct {
	C    float64
	Rank int
}

func (k mix) Ranks() (in []int, out int)                    { return []int{k.Rank, k.Rank}, k.Rank }
func (k mix) Wide() (in []bool, out bool)                   { return []bool{false, true}, false }
func (k mix) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k mix) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindMix(k, a) }
func (k mix) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindMix(k, a) }

func bindMix[T opkit.Float](k mix, a *opkit.Args[T]) opkit.Run {
	return func() error {
		for i, v := range a.In[0] {
			a.Out[i] = v + T(k.C*a.WideIn[1][i])
		}
		return nil
	}
}

func input(g *gorgonia.ExprGraph, name string, v *tensor.Dense) *gorgonia.Node {
	return gorgonia.NewTensor(g, v.Dtype(), v.Dims(), gorgonia.WithShape(v.Shape()...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

func TestAWideOperandIsFloat64InAFloat32Graph(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2})))
	w := input(g, "w", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1e-3, 2e-3})))
	y, err := opkit.Apply(mix{C: 1000, Rank: 1}, x, w)
	require.NoError(t, err)
	require.Equal(t, tensor.Float32, y.Dtype())
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	require.Equal(t, []float32{2, 4}, y.Value().Data())

	_, err = opkit.Apply(mix{C: 1, Rank: 1}, x, x)
	require.True(t, errors.Is(err, opkit.ErrInput))
	require.ErrorContains(t, err, "input 1 is float32, want float64")
}

func TestOpsThatDifferInAnAttributeAreTwoNodes(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2})))
	a, err := opkit.Apply(mix{C: 1, Rank: 1}, x, x)
	require.NoError(t, err)
	b, err := opkit.Apply(mix{C: 1 + 1e-15, Rank: 1}, x, x)
	require.NoError(t, err)
	again, err := opkit.Apply(mix{C: 1, Rank: 1}, x, x)
	require.NoError(t, err)
	require.False(t, a == b, "two ops became one node")
	require.True(t, a == again, "one op became two nodes")
}

func TestApplyReportsWhatGorgoniaWouldPanicOn(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2})))
	m := input(g, "m", tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{1, 2})))
	i := input(g, "i", tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2})))
	for want, in := range map[string]gorgonia.Nodes{
		"input 1 is nil":                    {x, nil},
		"1 inputs, want 2":                  {x},
		"input 0 has shape (2, 1), want ra": {m, x},
		"input 0 is int, want float32 or":   {i, x},
	} {
		_, err := opkit.Apply(mix{Rank: 1}, in...)
		require.True(t, errors.Is(err, opkit.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}

func TestDoTakesViewsAndTransposedTensors(t *testing.T) {
	m := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	zero := tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float64))
	require.NoError(t, m.T())
	v, err := opkit.New(mix{Rank: 2}).Do(m, zero)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 4, 2, 5, 3, 6}, v.Data())

	m = tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	view, err := m.Slice(nil, gorgonia.S(1))
	require.NoError(t, err)
	v, err = opkit.New(mix{Rank: 1}).Do(view, tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64)))
	require.NoError(t, err)
	require.Equal(t, []float64{2, 5}, v.Data())
}

func TestDoReportsValuesOfAnotherKind(t *testing.T) {
	op := opkit.New(mix{Rank: 1})
	x := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}))
	_, err := op.Do(x)
	require.ErrorContains(t, err, "1 inputs, want 2")
	_, err = op.Do(x, tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2})))
	require.True(t, errors.Is(err, opkit.ErrInput))
}

// TestAnOpWithoutGradientIsNotDifferentiated: Gorgonia asks through DiffWRT, and
// must stop there.
func TestAnOpWithoutGradientIsNotDifferentiated(t *testing.T) {
	op, ok := opkit.New(mix{Rank: 1}).(gorgonia.SDOp)
	require.True(t, ok)
	require.Equal(t, []bool{false, false}, op.DiffWRT(2))
	_, err := op.SymDiff(nil, nil, nil)
	require.ErrorContains(t, err, "not differentiable")
}

func TestOperandsShareMemory(t *testing.T) {
	v := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))
	x, err := opkit.OperandOf(v)
	require.NoError(t, err)
	opkit.Slice[float32](x.Bytes)[0] = 7
	require.Equal(t, []float32{7, 2}, v.Data())
	require.Equal(t, 1, opkit.Operand{}.Size(), "a scalar has one element")
}
