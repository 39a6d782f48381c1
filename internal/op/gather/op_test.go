package gather_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/gather"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(gather.Gather{}, in...) }

// ref is the product of the one-hot rows of the index with the table.
func ref(in ...optest.Array) (out []float64) {
	x, index := in[0], in[1]
	rows := x.Shape[0]
	d := len(x.Data) / rows
	for _, number := range index.Data {
		for j := range d {
			sum := 0.0
			for r := range rows {
				if float64(r) == number {
					sum += x.Data[r*d+j]
				}
			}
			out = append(out, sum)
		}
	}
	return out
}

// numbers is an index of n numbers below k, of the given shape.
func numbers(n, k int, shape ...int) optest.Array {
	index := optest.Labels(5, n, k)
	index.Shape = shape
	return index
}

func TestGather(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct {
		index optest.Array
		table []int
	}{
		{numbers(4, 3, 4), []int{3, 5}}, {numbers(1, 1, 1), []int{1}}, {numbers(1, 3), []int{3, 2}},
		{numbers(6, 4, 2, 3), []int{4, 70}}, {numbers(7, 2, 7), []int{9}}, {numbers(3, 9, 3), []int{9, 2, 3}},
		{numbers(2000, 40, 2000), []int{40, 131}}, {numbers(5, 300, 5), []int{300, 150}},
	} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(c.index.Shape, c.table), Build: build, Ref: ref,
			In: []optest.Array{optest.Normal(1, 1, c.table...), c.index}})
	}
	optest.Run(t, cases)
}

// TestGatherNamesWhatIsNoRow is on the host and on a device, in both dtypes.
func TestGatherNamesWhatIsNoRow(t *testing.T) {
	x, index := optest.Normal(1, 1, 3, 2), optest.Of([]float64{0, 2, 1, 0}, 4)
	index.Const = true
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		optest.Places(t, optest.Case{Name: "no row", Build: build, In: []optest.Array{x, index}}, dt,
			func(t *testing.T, run optest.Runner) {
				for _, bad := range []float64{3, -1, 0.5, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 2.5} {
					wrong := index
					wrong.Data = []float64{0, 2, bad, bad}
					_, _, err := run(x, wrong)
					require.True(t, errors.Is(err, op.ErrInput), "%v", err)
					require.ErrorContains(t, err, "gather: number 2 of the index is ")
					require.ErrorContains(t, err, "want an integer from 0 to 2")
				}
				out, _, err := run(x, index) // a run after it is good again
				require.NoError(t, err)
				require.Len(t, out, 8)
			})
	}
	_, err := optest.Eval(tensor.Float64, build, optest.Of([]float64{1}), optest.Zeros(2))
	require.ErrorContains(t, err, "want a table")
}

func BenchmarkGather(b *testing.B) {
	optest.Bench(b, []optest.Case{{Name: "4096 of 10000x256", Build: build,
		In: []optest.Array{optest.Normal(1, 1, 10000, 256), numbers(4096, 4096, 4096)}}})
}
