package gradcheck_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/gradcheck"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/op"
)

// sine is sin x, with a slope that may be wrong by a factor.
type sine struct{ Wrong float64 }

func (k sine) Spec() op.Spec {
	return op.Pointwise(k, op.Function{Value: math.Sin,
		Slope: func(x float64) float64 { return (1 + k.Wrong) * math.Cos(x) }})
}

func params(t *testing.T, dt tensor.Dtype) []*nn.Param {
	var all []*nn.Param
	for name, shape := range map[string][]int{"x": {5, 3}, "w": {3, 4}} {
		p, err := nn.NewParam(name, dt, shape...)
		require.NoError(t, err)
		require.NoError(t, initializer.Normal{Std: 0.7}.Fill(p, nn.Rand(1, name)))
		all = append(all, p)
	}
	if all[0].Name == "w" {
		all[0], all[1] = all[1], all[0]
	}
	return all
}

// loss is Σ sin(x·w)², of which the slope by x is right as far as that of sin is.
func loss(p []*nn.Param, k op.Op) func(g *nn.Graph) (*gorgonia.Node, error) {
	return func(g *nn.Graph) (_ *gorgonia.Node, err error) {
		defer nn.Catch(&err, "loss")
		y := nn.Must(nn.MatMul(nn.Must(g.Bind(p[0])), nn.Must(g.Bind(p[1])), false, false))
		return nn.Must(nn.SumSquares(nn.Must(op.Apply(k, y)))), nil
	}
}

func TestAGradientThatIsRightPasses(t *testing.T) {
	p := params(t, tensor.Float64)
	before := append([]float64(nil), p[0].Value.Float64s()...)
	require.NoError(t, gradcheck.Check(p, loss(p, sine{}), gradcheck.Config{}))
	require.Equal(t, before, p[0].Value.Float64s(), "the parameters are as they were")
}

func TestAGradientThatIsOffIsFound(t *testing.T) {
	p := params(t, tensor.Float64)
	err := gradcheck.Check(p, loss(p, sine{Wrong: 1e-4}), gradcheck.Config{})
	require.ErrorContains(t, err, `gradcheck: parameter "x": along direction 1 of 4 the gradient is `)
	require.NoError(t, gradcheck.Check(p, loss(p, sine{Wrong: 1e-4}), gradcheck.Config{Tol: 1e-3}))
}

func TestWhatCannotBeChecked(t *testing.T) {
	p := params(t, tensor.Float32)
	require.ErrorContains(t, gradcheck.Check(p, loss(p, sine{}), gradcheck.Config{}), "make the model in float64")
	require.ErrorContains(t, gradcheck.Check(nil, loss(p, sine{}), gradcheck.Config{}), "0 parameters")
	p = params(t, tensor.Float64)
	require.ErrorContains(t, gradcheck.Check(p, nil, gradcheck.Config{}), "no function to build the loss: true")
	require.ErrorContains(t, gradcheck.Check(p, loss(p, sine{}), gradcheck.Config{Step: math.NaN()}), "a step of NaN")
	bad := func(*nn.Graph) (*gorgonia.Node, error) { return nn.MatMul(nil, nil, false, false) }
	require.ErrorContains(t, gradcheck.Check(p, bad, gradcheck.Config{}), "gradcheck: build")
}
