package normalize_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/normalize"
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/optest"
)

func build(eps float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return opkit.Apply(normalize.Rows{Eps: eps}, in...)
	}
}

// ref divides by gonum's norm, which scales to avoid overflow.
func ref(eps float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		d := in[0].Shape[1]
		var out []float64
		for i := range in[0].Shape[0] {
			row := append([]float64(nil), in[0].Data[i*d:(i+1)*d]...)
			floats.Scale(1/math.Max(floats.Norm(row, 2), eps), row)
			out = append(out, row...)
		}
		return out
	}
}

func TestNormalize(t *testing.T) {
	cases := []optest.Case{
		{Name: "clamped", Build: build(100), Ref: ref(100), In: []optest.Array{optest.Normal(1, 1, 3, 4)}},
		{Name: "zero row", Build: build(1e-1), Ref: ref(1e-1), In: []optest.Array{optest.Of([]float64{0, 0, 3, 4}, 2, 2)}},
	}
	for _, s := range [][2]int{{3, 4}, {1, 5}, {5, 1}, {1, 1}, {150, 131}} {
		// A row of one element is at its own kink: y is ±1, with derivative 0.
		x := optest.Normal(1, 1, s[0], s[1]).Map(func(v float64) float64 { return v + math.Copysign(0.2, v) })
		cases = append(cases, optest.Case{Name: fmt.Sprint(s), Build: build(1e-12), Ref: ref(1e-12), In: []optest.Array{x}})
	}
	optest.Run(t, cases)
}

// TestNormalizeForgetsLength checks that rows are on the sphere and do not depend
// on the length they had.
func TestNormalizeForgetsLength(t *testing.T) {
	x := optest.Normal(1, 1, 20, 7)
	eval := func(x optest.Array) []float64 {
		y, err := optest.Eval(tensor.Float64, build(1e-12), x)
		require.NoError(t, err)
		return y
	}
	y := eval(x)
	long := eval(x.Map(func(v float64) float64 { return 1e6 * v }))
	for i := range 20 {
		require.InDelta(t, 1, floats.Norm(y[i*7:(i+1)*7], 2), 1e-14)
	}
	require.InDeltaSlice(t, y, long, 1e-14)
}

func TestNormalizeRefusesNoEps(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, build(0), optest.Zeros(2, 2))
	require.True(t, errors.Is(err, opkit.ErrInput))
}
