package linear_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/linear"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func affine(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(linear.Affine{}, in...) }
func plain(in ...*gorgonia.Node) (*gorgonia.Node, error)  { return op.Apply(linear.Map{}, in...) }

// ref is the definition, sum by sum.
func ref(in ...optest.Array) []float64 {
	n, m, d := in[0].Shape[0], in[0].Shape[1], in[1].Shape[0]
	var out []float64
	for i := range n {
		for j := range d {
			sum := 0.0
			if len(in) > 2 {
				sum = in[2].Data[j]
			}
			for k := range m {
				sum += in[0].Data[i*m+k] * in[1].Data[j*m+k]
			}
			out = append(out, sum)
		}
	}
	return out
}

func TestLinear(t *testing.T) {
	var cases []optest.Case
	for _, s := range [][3]int{{3, 4, 5}, {1, 1, 1}, {1, 7, 3}, {9, 1, 4}, {5, 6, 1}, {65, 33, 49}, {130, 97, 70}} {
		x, w, b := optest.Normal(1, 1, s[0], s[1]), optest.Normal(2, 1, s[2], s[1]), optest.Normal(3, 1, s[2])
		cases = append(cases,
			optest.Case{Name: fmt.Sprintf("%v", s), Build: affine, Ref: ref, In: []optest.Array{x, w, b}},
			optest.Case{Name: fmt.Sprintf("%v without bias", s), Build: plain, Ref: ref, In: []optest.Array{x, w}})
	}
	optest.Run(t, cases)
}

// TestLinearIsAffine checks y(x₁) + y(x₂) = y(x₁ + x₂) + b.
func TestLinearIsAffine(t *testing.T) {
	x1, x2, w, b := optest.Normal(1, 1, 4, 6), optest.Normal(2, 1, 4, 6), optest.Normal(3, 1, 5, 6),
		optest.Normal(4, 1, 5)
	sum := optest.Zeros(4, 6)
	for i := range sum.Data {
		sum.Data[i] = x1.Data[i] + x2.Data[i]
	}
	eval := func(x optest.Array) []float64 {
		y, err := optest.Eval(tensor.Float64, affine, x, w, b)
		require.NoError(t, err)
		return y
	}
	y1, y2, y := eval(x1), eval(x2), eval(sum)
	for i := range y {
		require.InDelta(t, y[i]+b.Data[i%5], y1[i]+y2[i], 1e-13)
	}
}

func TestLinearReportsShapesThatDoNotFit(t *testing.T) {
	for want, in := range map[string][]optest.Array{
		"x is 2×3 but W is 4×2, want it d×3":  {optest.Zeros(2, 3), optest.Zeros(4, 2), optest.Zeros(4)},
		"W is 4×2 but b has length 3, want 4": {optest.Zeros(2, 2), optest.Zeros(4, 2), optest.Zeros(3)},
		"want rank 2":                         {optest.Zeros(2, 2, 1), optest.Zeros(4, 2), optest.Zeros(4)},
	} {
		_, err := optest.Eval(tensor.Float64, affine, in...)
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}
