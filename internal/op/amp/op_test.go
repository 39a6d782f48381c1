package amp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/amp"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

func TestKernels(t *testing.T) {
	counted := optest.Of([]float64{0, 1, -2, 0, 0, 0}, 2, 3)
	counted.Const = true
	optest.Run(t, []optest.Case{
		{Name: "root mean square", Build: of(amp.RootMeanSquare{}), In: []optest.Array{optest.Normal(1, 1, 5, 4)},
			Ref: func(in ...optest.Array) []float64 {
				out := make([]float64, 5)
				for i := range out {
					for _, v := range in[0].Data[4*i : 4*i+4] {
						out[i] = math.Hypot(out[i], v/2)
					}
				}
				return out
			}},
		{Name: "soft by row", Build: of(amp.SoftRows{}), In: []optest.Array{optest.Normal(2, 1, 3, 7),
			optest.Of([]float64{0.3, 0.8, 0.1}, 3)},
			Ref: func(in ...optest.Array) []float64 {
				out := make([]float64, 21)
				for i, v := range in[0].Data {
					out[i] = math.Max(v-in[1].Data[i/7], 0) + math.Min(v+in[1].Data[i/7], 0)
				}
				return out
			}, Step: 1e-6},
		{Name: "density", Build: of(amp.Density{M: 4}), In: []optest.Array{counted},
			Ref: func(...optest.Array) []float64 { return []float64{0.5, 0} }},
	})
}

func TestBadSettings(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, of(amp.SoftRows{}), optest.Zeros(2, 3), optest.Zeros(3))
	require.ErrorContains(t, err, "u has 2 rows but θ length 3")
	_, err = optest.Eval(tensor.Float64, of(amp.Density{}), optest.Zeros(2, 3))
	require.ErrorIs(t, err, op.ErrInput)
}
