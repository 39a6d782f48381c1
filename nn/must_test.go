package nn_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

func TestCatchMakesAnErrorOfWhatMustAbandons(t *testing.T) {
	formula := func(fail bool) (n *gorgonia.Node, err error) {
		defer nn.Catch(&err, "cell %q", "a")
		g := nn.NewGraph(nn.Train)
		x := nn.Must(g.Bind(param(t, "x", tensor.Float64)))
		if fail {
			x = nn.Must(nn.MatMul(x, x, false, false))
		}
		return nn.ReLU(x)
	}
	n, err := formula(false)
	require.NoError(t, err)
	require.NotNil(t, n)
	_, err = formula(true)
	require.ErrorIs(t, err, nn.ErrInput)
	require.ErrorContains(t, err, `cell "a": matmul: op(A) of (3, 2) has 2 columns but op(B) of (3, 2) has 3 rows`)
}

func TestWithoutCatchThePanicSaysWhatToWrite(t *testing.T) {
	defer func() {
		r := recover()
		require.ErrorContains(t, r.(error), "matmul: ")
		require.ErrorContains(t, r.(error),
			"make `defer nn.Catch(&err, …)` the first line of the function that calls nn.Must")
	}()
	g := nn.NewGraph(nn.Train)
	x := nn.Must(g.Bind(param(t, "x", tensor.Float64)))
	nn.Must(nn.MatMul(x, x, false, false))
}

func TestCatchLetsOtherPanicsGo(t *testing.T) {
	require.PanicsWithValue(t, "other", func() {
		var err error
		defer nn.Catch(&err, "here")
		panic("other")
	})
}
