package circular_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/circular"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func correlate(axes int) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(circular.Correlate{Axes: axes}, in...)
	}
}

// ref is the definition, number by number.
func ref(in ...optest.Array) (y []float64) {
	x, w := in[0], in[1]
	h, kh := 1, 1
	if len(x.Shape) == 4 {
		h, kh = x.Shape[2], w.Shape[2]
	}
	n, c, width := x.Shape[0], x.Shape[1], x.Shape[len(x.Shape)-1]
	out, kw := w.Shape[0], w.Shape[len(w.Shape)-1]
	for i := range n {
		for o := range out {
			for r := range h {
				for t := range width {
					sum := 0.0
					for k := range c {
						for a := range kh {
							for s := range kw {
								sum += w.Data[((o*c+k)*kh+a)*kw+s] * x.Data[((i*c+k)*h+(r+a)%h)*width+(t+s)%width]
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

func TestCorrelate(t *testing.T) {
	var cases []optest.Case
	for _, s := range [][2][]int{
		{{3, 2, 7}, {4, 2, 3}}, {{2, 1, 5}, {1, 1, 5}}, {{1, 1, 1}, {1, 1, 1}}, {{2, 3, 6}, {2, 3, 1}},
		{{2, 2, 4, 5}, {3, 2, 3, 2}}, {{1, 1, 3, 3}, {2, 1, 3, 3}}, {{2, 1, 2, 9}, {1, 1, 1, 4}},
	} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(s), Build: correlate(len(s[0]) - 2), Ref: ref,
			In: []optest.Array{optest.Normal(1, 1, s[0]...), optest.Normal(2, 1, s[1]...)}})
	}
	optest.Run(t, cases)
}

func TestShapesThatDoNotFit(t *testing.T) {
	for name, s := range map[string][2][]int{
		"other channels": {{2, 3, 7}, {1, 2, 3}}, "a window too long": {{2, 3, 7}, {1, 3, 8}},
		"too high": {{2, 3, 7, 9}, {1, 3, 8, 9}},
	} {
		_, err := optest.Scalar(tensor.Float32, correlate(len(s[0])-2), optest.Zeros(s[0]...), optest.Zeros(s[1]...))
		require.True(t, errors.Is(err, op.ErrInput), "%s: error %v", name, err)
	}
	_, err := op.Apply(circular.Correlate{})
	require.Error(t, err)
}
