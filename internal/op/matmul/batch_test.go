package matmul_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/matmul"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func stacks(k matmul.Batched) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// refStacks goes over the indices of out, as NumPy's matmul is defined.
func refStacks(k matmul.Batched) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		rank := max(len(in[0].Shape), len(in[1].Shape))
		size := func(x optest.Array, axis int) int { // of rank axes, counted from the first
			if axis -= rank - len(x.Shape); axis < 0 {
				return 1
			}
			return x.Shape[axis]
		}
		get := func(x optest.Array, index []int, i, j int, trans bool) float64 {
			if trans {
				i, j = j, i
			}
			at := 0
			for axis := range rank - 2 {
				at *= size(x, axis)
				if size(x, axis) > 1 {
					at += index[axis]
				}
			}
			return x.Data[(at*size(x, rank-2)+i)*size(x, rank-1)+j]
		}
		side := func(x optest.Array, trans bool, of int) int {
			if trans {
				of = 1 - of
			}
			return size(x, rank-2+of)
		}
		m, inner, n := side(in[0], k.TransA, 0), side(in[0], k.TransA, 1), side(in[1], k.TransB, 1)
		count := 1
		for axis := range rank - 2 {
			count *= max(size(in[0], axis), size(in[1], axis))
		}
		var out []float64
		for s := range count {
			index := make([]int, rank-2)
			for axis, rest := rank-3, s; axis >= 0; axis-- {
				both := max(size(in[0], axis), size(in[1], axis))
				index[axis], rest = rest%both, rest/both
			}
			for i := range m {
				for j := range n {
					sum := 0.0
					for l := range inner {
						sum += get(in[0], index, i, l, k.TransA) * get(in[1], index, l, j, k.TransB)
					}
					out = append(out, sum)
				}
			}
		}
		return out
	}
}

func TestStacksOfMatrices(t *testing.T) {
	var cases []optest.Case
	for _, k := range []matmul.Batched{{}, {TransA: true}, {TransB: true}, {TransA: true, TransB: true}} {
		for _, c := range [][2][]int{
			{{3, 2, 4}, {3, 4, 5}}, {{2, 3, 2, 4}, {3, 4, 1}}, {{2, 1, 3, 4}, {1, 5, 4, 2}}, {{3, 4}, {6, 4, 2}},
			{{1, 2, 2}, {2, 1}}, {{4, 17, 33}, {4, 33, 50}},
		} {
			shapes := [2][]int{append([]int(nil), c[0]...), append([]int(nil), c[1]...)}
			for i, trans := range []bool{k.TransA, k.TransB} {
				if s := shapes[i]; trans {
					s[len(s)-1], s[len(s)-2] = s[len(s)-2], s[len(s)-1]
				}
			}
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v %v %v", shapes, k.TransA, k.TransB),
				Build: stacks(k), Ref: refStacks(k),
				In: []optest.Array{optest.Normal(1, 1, shapes[0]...), optest.Normal(2, 1, shapes[1]...)}})
		}
	}
	optest.Run(t, cases)
}

func TestStacksThatDoNotMeet(t *testing.T) {
	for want, c := range map[string][2][]int{
		"3 and 2 matrices": {{3, 2, 4}, {2, 4, 5}}, "4 columns": {{3, 2, 4}, {3, 5, 5}},
		"from 2 to 8 axes": {{4}, {3, 4, 5}},
	} {
		_, err := optest.Eval(tensor.Float64, stacks(matmul.Batched{}), optest.Zeros(c[0]...), optest.Zeros(c[1]...))
		require.True(t, errors.Is(err, op.ErrInput), want)
		require.ErrorContains(t, err, want)
	}
}
