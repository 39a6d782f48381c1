package gate_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/gate"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type build = func(in ...*gorgonia.Node) (*gorgonia.Node, error)

func of(k op.Op) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

func elementwise(f func(i int, in []optest.Array) float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		out := make([]float64, len(in[0].Data))
		for i := range out {
			out[i] = f(i, in)
		}
		return out
	}
}

func number(v float64) optest.Array { return optest.Of([]float64{v}, 1) }

func TestGains(t *testing.T) {
	times := elementwise(func(i int, in []optest.Array) float64 { return in[0].Data[i] * in[1].Data[0] })
	optest.Run(t, []optest.Case{
		{Name: "times a vector", Build: of(gate.MulScalar{}), Ref: times, In: []optest.Array{optest.Normal(1, 1, 7),
			number(-1.3)}},
		{Name: "times a matrix", Build: of(gate.MulScalar{}), Ref: times, In: []optest.Array{
			optest.Normal(1, 1, 40, 31), number(0.7)}},
		{Name: "many", Build: of(gate.MulScalar{}), Ref: times, Tol32: 1e-4,
			In: []optest.Array{optest.Normal(1, 1, 300, 61), number(0.7)}},
		{Name: "gate", Build: of(gate.Gate{}), In: []optest.Array{optest.Normal(2, 1, 5, 6), number(0.4), number(1.5)},
			Ref: elementwise(func(i int, in []optest.Array) float64 {
				x := in[0].Data[i]
				return x + in[1].Data[0]*x/math.Exp(in[2].Data[0]*math.Abs(x))
			})},
		{Name: "a gate a column", Build: of(gate.Gate{}), In: []optest.Array{optest.Normal(2, 1, 5, 70),
			optest.Normal(3, 0.3, 70), optest.Normal(4, 1, 70)},
			Ref: elementwise(func(i int, in []optest.Array) float64 {
				x, j := in[0].Data[i], i%70
				return x + in[1].Data[j]*x/math.Exp(in[2].Data[j]*math.Abs(x))
			})},
		{Name: "a gate an element", Build: of(gate.Gate{}), In: []optest.Array{optest.Normal(2, 1, 2, 3, 70),
			optest.Normal(3, 0.3, 2, 3, 70), number(0.8)},
			Ref: elementwise(func(i int, in []optest.Array) float64 {
				x := in[0].Data[i]
				return x + in[1].Data[i]*x/math.Exp(in[2].Data[0]*math.Abs(x))
			})},
		{Name: "a long gate", Build: of(gate.Gate{}), In: []optest.Array{optest.Normal(2, 1, 3, 9000), number(0.4),
			number(1.5)}, Tol32: 1e-4,
			Ref: elementwise(func(i int, in []optest.Array) float64 {
				x := in[0].Data[i]
				return x + in[1].Data[0]*x/math.Exp(in[2].Data[0]*math.Abs(x))
			})},
		{Name: "overshoot", Build: of(gate.Overshoot{Eps: 0.1}), In: []optest.Array{optest.Normal(3, 1, 5, 6),
			optest.Normal(4, 1, 5, 6), number(0.3)},
			Ref: elementwise(func(i int, in []optest.Array) float64 {
				y, x := in[0].Data[i], in[1].Data[i]
				o := 1 + in[2].Data[0]/(math.Abs(y-x)+0.1)
				return o*y + (1-o)*x
			})},
	})
}

func TestBadFactors(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, of(gate.MulScalar{}), optest.Zeros(2, 3), optest.Zeros(3))
	require.ErrorContains(t, err, "a factor of length 3, want 1")
	_, err = optest.Eval(tensor.Float64, of(gate.Overshoot{}), optest.Zeros(2, 3), optest.Zeros(2, 3), optest.Zeros(1))
	require.ErrorIs(t, err, op.ErrInput)
}
