package nmse_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/nmse"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(db bool) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(nmse.NMSE{DB: db}, in...) }
}

func TestNMSE(t *testing.T) {
	target := optest.Normal(2, 1, 4, 5)
	target.Const = true
	var cases []optest.Case
	for _, db := range []bool{false, true} {
		cases = append(cases, optest.Case{Name: fmt.Sprint("dB ", db), Build: build(db),
			In: []optest.Array{optest.Normal(1, 1, 4, 5), target},
			Ref: func(in ...optest.Array) []float64 {
				e, norm := 0.0, 0.0
				for i, v := range in[1].Data {
					e, norm = math.Hypot(e, in[0].Data[i]-v), math.Hypot(norm, v)
				}
				if db {
					return []float64{20 * math.Log10(e/norm)}
				}
				return []float64{e * e / norm / norm}
			}})
	}
	optest.Run(t, cases)
}

// TestZerosAreZeroDecibels: the code 0 has an error of 1.
func TestZerosAreZeroDecibels(t *testing.T) {
	v, err := optest.Scalar(tensor.Float64, build(true), optest.Zeros(3, 4), optest.Normal(1, 1, 3, 4))
	require.NoError(t, err)
	require.Zero(t, v)
	_, err = optest.Scalar(tensor.Float64, build(true), optest.Zeros(3, 4), optest.Zeros(3, 4))
	require.ErrorIs(t, err, op.ErrInput)
	_, err = optest.Scalar(tensor.Float64, build(true), optest.Zeros(3, 4), optest.Zeros(3, 5))
	require.ErrorContains(t, err, "z is (3, 4) but the target is (3, 5)")
}
