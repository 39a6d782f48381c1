package reduce_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/reduce"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// TestExtreme sorts nothing: the reference folds math.Max or math.Min over the elements.
// The elements are different, so that differences of the gradient mean something.
func TestExtreme(t *testing.T) {
	var cases []optest.Case
	for _, least := range []bool{false, true} {
		for _, c := range append(somewhere, struct {
			axes  reduce.Axes
			shape []int
		}{reduce.Axes{}, []int{2, 3, 4}}) {
			k := reduce.Extreme{Axes: c.axes, Least: least}
			fold, worst := math.Max, math.Inf(-1)
			if least {
				fold, worst = math.Min, math.Inf(1)
			}
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, c.shape),
				In: []optest.Array{optest.Normal(1, 1, c.shape...)},
				Build: func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
					return op.Apply(k, in...)
				},
				Step: 1e-7, // below the distance of any two
				Ref: func(in ...optest.Array) []float64 {
					_, size := cell(k.Axes, in[0].Shape, 0)
					out := make([]float64, size)
					for i := range out {
						out[i] = worst
					}
					for i, v := range in[0].Data {
						at, _ := cell(k.Axes, in[0].Shape, i)
						out[at] = fold(out[at], v)
					}
					return out
				}})
		}
	}
	optest.Run(t, cases)
}

// TestTheFirstOfEqualExtremesGetsTheGradient: of two maxima the one before.
func TestTheFirstOfEqualExtremesGetsTheGradient(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		for least, want := range map[bool][]float64{false: {0, 0, 1, 1, 0, 0}, true: {1, 0, 0, 0, 1, 0}} {
			x := optest.Of([]float64{1, 3, 5, 5, 1, 5}, 2, 3)
			got, err := optest.Eval(dt, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				k := reduce.Extreme{Axes: reduce.Axes{From: 1, To: 2}, Least: least}
				y, err := op.Apply(k, in[0])
				if err != nil {
					return nil, err
				}
				total, err := op.Apply(reduce.Sum{}, y)
				if err != nil {
					return nil, err
				}
				dx, err := gorgonia.Grad(total, in[0])
				if err != nil {
					return nil, err
				}
				return dx[0], nil
			}, x)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

// TestANaNIsTheLargestAndTheLeast, wherever it is.
func TestANaNIsTheLargestAndTheLeast(t *testing.T) {
	for _, least := range []bool{false, true} {
		x := optest.Of([]float64{1, math.NaN(), 5, math.NaN(), 1, 5, 3, 2, math.NaN(), 1, 2, 3}, 4, 3)
		got, err := optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return op.Apply(reduce.Extreme{Axes: reduce.Axes{From: 1, To: 2}, Least: least}, in[0])
		}, x)
		require.NoError(t, err)
		for _, v := range got[:3] {
			require.True(t, math.IsNaN(v))
		}
		require.Equal(t, map[bool]float64{false: 3, true: 1}[least], got[3])
	}
}

func TestReduceRefusesAxesThatAreNotThere(t *testing.T) {
	for _, r := range []reduce.Axes{{From: 1, To: 1}, {From: 0, To: 3}, {From: -1, To: 1}, {From: 1}, {To: -1}} {
		for _, k := range []op.Op{reduce.Sum{Axes: r}, reduce.Extreme{Axes: r}} {
			_, err := optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return op.Apply(k, in...)
			}, optest.Zeros(2, 3))
			require.ErrorIs(t, err, op.ErrInput, "%+v", r)
			require.ErrorContains(t, err, "(2, 3)")
		}
	}
}
