package nn_test

import (
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/recovery"
)

// twoLayers compiles Σ(relu(xW₁ + b₁)W₂ + b₂)² for x 2×2.
func twoLayers(t *testing.T, dt tensor.Dtype, o nn.Options) (*nn.Program, map[string]*nn.Param, *tensor.Dense) {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	in := tensor.New(tensor.WithShape(2, 2), tensor.Of(dt))
	require.NoError(t, nn.SetFloats(in, []float64{1, 2, 3, 4}))
	z, err := g.Input("x", in)
	require.NoError(t, err)
	params := make(map[string]*nn.Param)
	var list []*nn.Param
	for i, layer := range []string{"net.first", "net.second"} {
		w, b := must(nn.NewParam(layer+".w", dt, 2, 2)), must(nn.NewParam(layer+".b", dt, 2))
		require.NoError(t, nn.SetFloats(w.Value, []float64{1, -1, 2, 3}))
		params[w.Name], params[b.Name] = w, b
		list = append(list, w, b)
		z, err = nn.Linear(z, must(g.Bind(w)), must(g.Bind(b)))
		require.NoError(t, err)
		if i == 0 {
			z, err = nn.ReLU(z)
			require.NoError(t, err)
		}
	}
	loss, err := nn.SumSquares(z)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: list}, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p, params, in
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestCheckFiniteNamesTheFirstOp makes numbers overflow in one place after another.
func TestCheckFiniteNamesTheFirstOp(t *testing.T) { everywhere(t, testCheckFiniteNamesTheFirstOp) }

func testCheckFiniteNamesTheFirstOp(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		big := map[tensor.Dtype]float64{tensor.Float32: 2e38, tensor.Float64: 1e308}[dt]
		p, params, in := twoLayers(t, dt, o)
		set := func(v *tensor.Dense, at int, x float64) (undo func()) {
			all, err := nn.Floats(nil, v)
			require.NoError(t, err)
			was := all[at]
			all[at] = x
			require.NoError(t, nn.SetFloats(v, all))
			return func() {
				all[at] = was
				require.NoError(t, nn.SetFloats(v, all))
			}
		}
		at := func() *nn.NotFinite {
			require.NoError(t, p.Run())
			before := p.Loss()
			err := p.CheckFinite()
			require.True(t, err == nil || errors.Is(err, nn.ErrNotFinite), "%v", err)
			require.Equal(t, math.Float64bits(before), math.Float64bits(p.Loss()), "looking changed the loss")
			var e *nn.NotFinite
			errors.As(err, &e)
			return e
		}
		require.Nil(t, at())

		undo := set(in, 2, math.NaN())
		e := at()
		require.Equal(t, "x", e.Input)
		require.Equal(t, 2, e.Index)
		require.True(t, math.IsNaN(e.Value))
		require.Equal(t, "input \"x\" is NaN, at element 2 of [2 2]", e.Error())
		undo()

		undo = set(params["net.second.b"].Value, 1, math.Inf(-1))
		require.Equal(t, "parameter \"net.second.b\" is -Inf, at element 1 of [2]", at().Error())
		undo()

		undo = set(params["net.first.w"].Value, 0, big)
		e = at() // row 2 has 3·big
		require.Equal(t, []any{"linear.Affine", "net.first", "", false, 2}, []any{e.Op, e.Layer, e.After, e.Gradient,
			e.Index})
		require.Equal(t, []int{2, 2}, e.Shape)
		require.Contains(t, e.Error(), `of layer "net.first" (op 1 of `)
		require.Contains(t, e.Error(), "gives +Inf from finite inputs")
		undo()

		undo = set(params["net.second.w"].Value, 0, big/10) // 20·big/10
		require.Equal(t, "net.second", at().Layer)
		undo()

		undo = set(params["net.second.b"].Value, 0, math.Sqrt(big)) // whose square is, but not twice it
		e = at()
		require.Equal(t, "net.second", e.After)
		require.Empty(t, e.Layer)
		require.False(t, e.Gradient)
		undo()
		require.Nil(t, at())
	}
}

// A loss that is finite may have a gradient that is not.
func TestCheckFiniteLooksAtTheGradient(t *testing.T) {
	everywhere(t, func(t *testing.T, o nn.Options) {
		p, params, in := twoLayers(t, tensor.Float32, o)
		require.NoError(t, nn.SetFloats(in, []float64{1e-30, 0, 0, 0}))
		require.NoError(t, nn.SetFloats(params["net.second.w"].Value, []float64{3e19, 0, 0, 0}))
		require.NoError(t, nn.SetFloats(params["net.second.b"].Value, []float64{1e19, 0}))
		require.NoError(t, p.Run())
		require.False(t, math.IsInf(p.Loss(), 0))
		var e *nn.NotFinite
		require.ErrorAs(t, p.CheckFinite(), &e)
		require.True(t, e.Gradient)
		require.Equal(t, "net.second", e.Layer, e.Error())
	})
}

// An infinite probe is no fault of the loss.
func TestCheckFiniteLeavesProbesAlone(t *testing.T) {
	g := nn.NewGraph(nn.Train)
	w := param(t, "w", tensor.Float64)
	x := must(g.Bind(w))
	nmse, _, _, err := recovery.Measure(x, x)
	require.NoError(t, err)
	require.NoError(t, g.Probe("nmse", nmse))
	loss := must(nn.SumSquares(x))
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Values: gorgonia.Nodes{}})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.Run())
	require.True(t, math.IsInf(p.Scalar("nmse"), -1))
	require.NoError(t, p.CheckFinite())
}

func TestSetFloatsRefusesWhatFloat32DoesNotHold(t *testing.T) {
	v := tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float32))
	err := nn.SetFloats(v, []float64{1, -1e39})
	require.ErrorIs(t, err, nn.ErrInput)
	require.ErrorContains(t, err, "number 1 of 2 is -1e+39, and float32 ends at 3.4e+38")
	require.Equal(t, []float32{0, 0}, v.Float32s())
	require.NoError(t, nn.SetFloats(v, []float64{math.Inf(1), math.NaN()}), "what is not finite is taken as it is")
	require.NoError(t, nn.SetFloats(tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float64)), []float64{1e39}))
}
