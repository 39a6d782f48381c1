package activation_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/activation"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// TestSoftmaxAlongAnyAxis: each number is 1/Σ exp(x − own) over those that share all its
// other indices.
func TestSoftmaxAlongAnyAxis(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct {
		shape []int
		axis  int
	}{{[]int{4}, 0}, {[]int{3, 4}, 0}, {[]int{3, 4}, -1}, {[]int{2, 3, 4}, 1}, {[]int{2, 3, 2, 2}, -4},
		{[]int{1, 5}, 0}} {
		ref := func(in ...optest.Array) []float64 {
			axis := (c.axis + len(c.shape)) % len(c.shape)
			step := 1
			for _, n := range c.shape[axis+1:] {
				step *= n
			}
			n := c.shape[axis]
			out := make([]float64, len(in[0].Data))
			for i, x := range in[0].Data {
				first, sum := i-i/step%n*step, 0.0
				for j := range n {
					sum += math.Exp(in[0].Data[first+j*step] - x)
				}
				out[i] = 1 / sum
			}
			return out
		}
		cases = append(cases, optest.Case{Name: fmt.Sprint(c), Ref: ref,
			In:    []optest.Array{optest.Normal(1, 1, c.shape...)},
			Build: func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return activation.Softmax(in[0], c.axis) }})
	}
	optest.Run(t, cases)
	_, err := optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return activation.Softmax(in[0], 2)
	}, optest.Zeros(2, 2))
	require.ErrorIs(t, err, op.ErrInput)
}
