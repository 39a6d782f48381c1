package cumsum_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/cumsum"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// ref sums every element anew, by the coordinate of each along the axis.
func ref(k cumsum.CumSum) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := in[0]
		after := 1
		for _, size := range x.Shape[k.Axis+1:] {
			after *= size
		}
		length := x.Shape[k.Axis]
		out := optest.Zeros(x.Shape...)
		for i := range out.Data {
			place := i / after % length
			for l := range length {
				if l <= place && !k.Reverse || l >= place && k.Reverse {
					out.Data[i] += x.Data[i+(l-place)*after]
				}
			}
		}
		return out.Data
	}
}

func TestCumSum(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct {
		axis  int
		shape []int
	}{
		{0, []int{1}}, {0, []int{5}}, {0, []int{3, 4}}, {1, []int{3, 4}}, {1, []int{2, 3, 2, 2}},
		{3, []int{2, 3, 2, 2}},
		{0, []int{150, 131}}, {1, []int{150, 131}}, {1, []int{3, 40, 70}},
	} {
		for _, reverse := range []bool{false, true} {
			k := cumsum.CumSum{Axis: c.axis, Reverse: reverse}
			cases = append(cases, optest.Case{Name: fmt.Sprint(c, reverse), Build: of(k), Ref: ref(k),
				In: []optest.Array{optest.Normal(1, 1, c.shape...)}})
		}
	}
	optest.Run(t, cases)
}

// TestSmallAddendsAreNotLost sums 2²⁰ numbers of float32, of which a sum in float32 would
// lose the most.
func TestSmallAddendsAreNotLost(t *testing.T) {
	x := optest.Zeros(1 << 20).Map(func(float64) float64 { return 0x1p-30 })
	x.Data[0] = 1
	out, err := optest.Eval(tensor.Float32, of(cumsum.CumSum{}), x)
	require.NoError(t, err)
	require.InDelta(t, 1+float64(1<<20-1)*0x1p-30, out[1<<20-1], 1e-7)
}

func TestBadAxis(t *testing.T) {
	for _, axis := range []int{-1, 2} {
		_, err := optest.Eval(tensor.Float64, of(cumsum.CumSum{Axis: axis}), optest.Zeros(2, 3))
		require.True(t, errors.Is(err, op.ErrInput))
		require.ErrorContains(t, err, fmt.Sprintf("axis %d of (2, 3), want one from 0 to 1", axis))
	}
}

func BenchmarkCumSum(b *testing.B) {
	x := []optest.Array{optest.Normal(1, 1, 512, 512)}
	optest.Bench(b, []optest.Case{{Name: "rows", Build: of(cumsum.CumSum{Axis: 1}), In: x},
		{Name: "columns", Build: of(cumsum.CumSum{}), In: x}})
}
