package detach_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/detach"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(detach.Detach{}, in...) }

func TestDetach(t *testing.T) {
	for _, shape := range [][]int{{1}, {7}, {3, 4}, {2, 3, 2, 2}} {
		x := optest.Normal(1, 1, shape...)
		x.Const = true
		optest.Run(t, []optest.Case{{Name: fmt.Sprint(shape), Build: build, In: []optest.Array{x},
			Ref: func(in ...optest.Array) []float64 { return in[0].Data }}})
	}
}

// The gradient of Σ detach(x)·x is the constant, not twice it.
func TestDetachStopsTheGradient(t *testing.T) {
	p, err := nn.NewParam("x", tensor.Float64, 3)
	require.NoError(t, err)
	copy(p.Value.Float64s(), []float64{1, -2, 3})
	g := nn.NewGraph(nn.Train)
	x, err := g.Bind(p)
	require.NoError(t, err)
	loss, err := nn.Sum(nn.Must(nn.Mul(nn.Must(nn.Detach(x)), x)))
	require.NoError(t, err)
	program, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{p}})
	require.NoError(t, err)
	defer program.Close()
	require.NoError(t, program.Run())
	require.Equal(t, 14.0, program.Loss())
	require.Equal(t, []float64{1, -2, 3}, program.Grads()[0].Float64s())
}
