package op_test

import (
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// mix is x + c·w where w is wide: float64 in a float32 graph.
type mix struct{ C float64 }

func (k mix) Spec() op.Spec {
	return op.Spec{In: []op.Input{op.Any, op.Wide(op.Any)}, Kernel: op.Both(k, bindMix, bindMix)}
}

func bindMix[T op.Float](k mix, a *op.Args[T]) op.Run {
	return func() error {
		for i, v := range a.In[0] {
			a.Out[i] = v + T(k.C*a.WideIn[1][i])
		}
		return nil
	}
}

func input(g *gorgonia.ExprGraph, name string, v *tensor.Dense) *gorgonia.Node {
	return gorgonia.NewTensor(g, v.Dtype(), v.Dims(), gorgonia.WithShape(v.Shape()...), gorgonia.WithName(name),
		gorgonia.WithValue(v))
}

func TestAWideOperandIsFloat64InAFloat32Graph(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2})))
	w := input(g, "w", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1e-3, 2e-3})))
	y, err := op.Apply(mix{C: 1000}, x, w)
	require.NoError(t, err)
	require.Equal(t, tensor.Float32, y.Dtype())
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	require.Equal(t, []float32{2, 4}, y.Value().Data())

	_, err = op.Apply(mix{C: 1}, x, x)
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "input 1 is float32, want float64")
}

func TestOpsThatDifferInAnAttributeAreTwoNodes(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2})))
	a, err := op.Apply(mix{C: 1}, x, x)
	require.NoError(t, err)
	b, err := op.Apply(mix{C: 1 + 1e-15}, x, x)
	require.NoError(t, err)
	again, err := op.Apply(mix{C: 1}, x, x)
	require.NoError(t, err)
	require.False(t, a == b, "two ops became one node")
	require.True(t, a == again, "one op became two nodes")
}

func TestApplyReportsWhatGorgoniaWouldPanicOn(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2})))
	i := input(g, "i", tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2})))
	for want, in := range map[string]gorgonia.Nodes{
		"input 1 is nil":                  {x, nil},
		"1 inputs, want 2":                {x},
		"input 0 is int, want float32 or": {i, x},
	} {
		_, err := op.Apply(mix{}, in...)
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}

func TestDoTakesViewsAndTransposedTensors(t *testing.T) {
	m := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	zero := tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float64))
	require.NoError(t, m.T())
	v, err := op.Bare(mix{}).Do(m, zero)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 4, 2, 5, 3, 6}, v.Data())

	m = tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	view, err := m.Slice(nil, gorgonia.S(1))
	require.NoError(t, err)
	v, err = op.Bare(mix{}).Do(view, tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64)))
	require.NoError(t, err)
	require.Equal(t, []float64{2, 5}, v.Data())
}

func TestDoReportsValuesOfAnotherKind(t *testing.T) {
	o := op.Bare(mix{})
	x := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}))
	_, err := o.Do(x)
	require.ErrorContains(t, err, "1 inputs, want 2")
	_, err = o.Do(x, tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2})))
	require.True(t, errors.Is(err, op.ErrInput))
}

// TestAnOpWithoutGradientIsNotDifferentiated: Gorgonia asks through DiffWRT, and
// must stop there.
func TestAnOpWithoutGradientIsNotDifferentiated(t *testing.T) {
	o := op.Bare(mix{})
	require.Equal(t, []bool{false, false}, o.DiffWRT(2))
	_, err := o.SymDiff(nil, nil, nil)
	require.ErrorContains(t, err, "not differentiable")
}

func TestOperandsShareMemory(t *testing.T) {
	v := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))
	x, err := op.OperandOf(v)
	require.NoError(t, err)
	op.Slice[float32](x.Bytes)[0] = 7
	require.Equal(t, []float32{7, 2}, v.Data())
	require.Equal(t, 1, op.Operand{}.Size(), "a scalar has one element")
}
