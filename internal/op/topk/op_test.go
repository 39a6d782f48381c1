package topk_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/topk"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k int) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(topk.Mask{K: k}, in...) }
}

// ref sorts the places of a row, stably, by what is there.
func ref(k int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := in[0]
		d := x.Shape[len(x.Shape)-1]
		out := optest.Zeros(x.Shape...)
		for lo := 0; lo < len(x.Data); lo += d {
			row := x.Data[lo : lo+d]
			at := make([]int, d)
			for j := range at {
				at[j] = j
			}
			slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(row[b], row[a]) })
			for _, j := range at[:k] {
				out.Data[lo+j] = 1
			}
		}
		return out.Data
	}
}

func TestMask(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct {
		k     int
		shape []int
	}{
		{1, []int{1}}, {2, []int{5}}, {5, []int{5}}, {1, []int{3, 4}}, {3, []int{3, 4}}, {2, []int{2, 3, 2, 4}},
		{10, []int{150, 131}}, {1, []int{131, 1}},
	} {
		x := optest.Normal(1, 1, c.shape...)
		x.Const = true
		whole := x.Map(math.Round) // many are equal
		for name, in := range map[string]optest.Array{"apart": x, "equal": whole} {
			cases = append(cases, optest.Case{Name: fmt.Sprint(name, c), Build: of(c.k), Ref: ref(c.k),
				In: []optest.Array{in}})
		}
	}
	optest.Run(t, cases)
}

// TestNaNIsMarked is on the host and on a device, in both dtypes.
func TestNaNIsMarked(t *testing.T) {
	x := optest.Of([]float64{1, math.NaN(), 3, math.Inf(1), math.Inf(-1), 3}, 6)
	x.Const = true
	for k, want := range map[int][]float64{1: {0, 1, 0, 0, 0, 0}, 2: {0, 1, 0, 1, 0, 0}, 3: {0, 1, 1, 1, 0, 0},
		6: {1, 1, 1, 1, 1, 1}} {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			optest.Places(t, optest.Case{Name: fmt.Sprint(k), Build: of(k), In: []optest.Array{x}}, dt,
				func(t *testing.T, run optest.Runner) {
					out, _, err := run(x)
					require.NoError(t, err)
					require.Equal(t, want, out)
				})
		}
	}
}

func TestBadK(t *testing.T) {
	for _, k := range []int{0, -1, 4} {
		_, err := optest.Eval(tensor.Float64, of(k), optest.Zeros(2, 3))
		require.True(t, errors.Is(err, op.ErrInput))
		require.ErrorContains(t, err, fmt.Sprintf("the %d largest of the rows of (2, 3)", k))
	}
}
