package pool_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/pool"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// ref folds the numbers of each window the slow way: those of pixels in the image,
// and fill for those in the padding.
func ref(k pool.Window, fill float64, fold func(window []float64) float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := in[0]
		shape, err := k.Shape([]tensor.Shape{x.Shape})
		if err != nil {
			panic(err)
		}
		var out []float64
		for i := range shape[0] * shape[1] {
			for u := range shape[2] {
				for v := range shape[3] {
					var window []float64
					for r := range k.Size[0] {
						for s := range k.Size[1] {
							a, b := u*k.Stride[0]+r*max(1, k.Dilation[0])-k.Pad[0], v*k.Stride[1]+
								s*max(1, k.Dilation[1])-k.Pad[1]
							switch {
							case a >= 0 && a < x.Shape[2] && b >= 0 && b < x.Shape[3]:
								window = append(window, x.Data[(i*x.Shape[2]+a)*x.Shape[3]+b])
							case a < x.Shape[2]+k.Pad[0] && b < x.Shape[3]+k.Pad[1] && !math.IsNaN(fill):
								window = append(window, fill)
							}
						}
					}
					out = append(out, fold(window))
				}
			}
		}
		return out
	}
}

func largest(w []float64) float64 {
	top := math.Inf(-1)
	for _, v := range w {
		top = math.Max(top, v)
	}
	return top
}

func mean(w []float64) (m float64) {
	for _, v := range w {
		m += v / float64(len(w))
	}
	return m
}

// distinct returns numbers no two of which are near each other.
func distinct(shape ...int) optest.Array {
	x := optest.Zeros(shape...)
	for i := range x.Data {
		x.Data[i] = float64(i*7919%len(x.Data))/8 - 3
	}
	return x
}

var windows = []struct {
	k pool.Window
	x []int
}{
	{pool.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}, []int{2, 3, 4, 6}},
	{pool.Window{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}}, []int{3, 2, 8, 7}},
	{pool.Window{Size: [2]int{1, 4}, Stride: [2]int{1, 3}, Pad: [2]int{0, 2}}, []int{1, 2, 3, 5}},
	{pool.Window{Size: [2]int{4, 5}, Stride: [2]int{1, 1}}, []int{3, 4, 4, 5}},
	{pool.Window{Size: [2]int{1, 1}, Stride: [2]int{3, 2}}, []int{1, 1, 7, 4}},
	{pool.Window{Size: [2]int{2, 3}, Stride: [2]int{2, 2}, Pad: [2]int{0, 1}, Ceil: true}, []int{2, 2, 7, 6}},
	{pool.Window{Size: [2]int{3, 3}, Stride: [2]int{3, 3}, Pad: [2]int{1, 1}, Ceil: true}, []int{1, 2, 6, 7}},
}

func TestMax(t *testing.T) {
	var cases []optest.Case
	dilated := append(slices.Clone(windows), windows[0], windows[1])
	dilated[len(windows)].k.Dilation = [2]int{2, 1}
	dilated[len(windows)+1].k.Dilation = [2]int{2, 3}
	for _, w := range dilated {
		cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v", w.k), Build: build(pool.Max{Window: w.k}),
			Ref: ref(w.k, math.NaN(), largest), In: []optest.Array{distinct(w.x...)}})
	}
	optest.Run(t, cases)
}

func TestMean(t *testing.T) {
	var cases []optest.Case
	for _, w := range windows {
		for _, inside := range []bool{false, true} {
			fill := 0.0
			if inside {
				fill = math.NaN()
			}
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", w.k, inside),
				Build: build(pool.Mean{Window: w.k, Inside: inside}),
				Ref:   ref(w.k, fill, mean), In: []optest.Array{optest.Normal(1, 1, w.x...)}})
		}
	}
	optest.Run(t, cases)
}

// By torch.nn.functional.max_pool2d's rule of sizes: a window may not begin in the
// padding on the right.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		k        pool.Window
		size, to int
	}{
		{pool.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}, 5, 2},
		{pool.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}, Ceil: true}, 5, 3},
		{pool.Window{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}}, 6, 3},
		{pool.Window{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Ceil: true}, 6, 4},
		{pool.Window{Size: [2]int{2, 2}, Stride: [2]int{3, 3}, Pad: [2]int{1, 1}, Ceil: true}, 5, 2},
		{pool.Window{Size: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{2, 2}}, 7, 3},
	} {
		shape, err := c.k.Shape([]tensor.Shape{{1, 1, c.size, c.size}})
		require.NoError(t, err)
		require.Equal(t, tensor.Shape{1, 1, c.to, c.to}, shape, "%+v", c.k)
	}
}

// A dilated window can miss an image: then it has no maximum, and no gradient.
func TestADilatedWindowThatMissesTheImage(t *testing.T) {
	k := pool.Max{Window: pool.Window{Size: [2]int{2, 1}, Stride: [2]int{1, 1}, Pad: [2]int{1, 0},
		Dilation: [2]int{2, 1}}}
	y, err := optest.Eval(tensor.Float64, build(k), optest.Of([]float64{5}, 1, 1, 1, 1))
	require.NoError(t, err)
	require.Equal(t, []float64{math.Inf(-1)}, y)
}

func TestMaxKeepsNaN(t *testing.T) {
	k := pool.Max{Window: pool.Window{Size: [2]int{1, 2}, Stride: [2]int{1, 2}}}
	y, err := optest.Eval(tensor.Float32, build(k), optest.Of([]float64{math.NaN(), 1, 2, math.NaN(), 3, 4}, 1, 1, 1,
		6))
	require.NoError(t, err)
	require.True(t, math.IsNaN(y[0]) && math.IsNaN(y[1]))
	require.Equal(t, 4.0, y[2])
}

func TestBadWindows(t *testing.T) {
	for want, k := range map[string]pool.Window{
		"size [0 1]":                          {Size: [2]int{0, 1}, Stride: [2]int{1, 1}},
		"stride [1 0]":                        {Size: [2]int{1, 1}, Stride: [2]int{1, 0}},
		"at most half of the size":            {Size: [2]int{3, 3}, Stride: [2]int{1, 1}, Pad: [2]int{2, 0}},
		"a window of 5 pixels does not fit":   {Size: [2]int{1, 5}, Stride: [2]int{1, 1}},
		"does not fit into 4 with padding 1":  {Size: [2]int{1, 7}, Stride: [2]int{1, 1}, Pad: [2]int{0, 1}},
		"want at least 1, 1 and 0, and paddi": {Size: [2]int{1, 1}, Stride: [2]int{1, 1}, Pad: [2]int{-1, 0}},
	} {
		for _, kernel := range []op.Op{pool.Max{Window: k}, pool.Mean{Window: k}} {
			_, err := optest.Eval(tensor.Float64, build(kernel), optest.Zeros(1, 1, 4, 4))
			require.ErrorIs(t, err, op.ErrInput)
			require.ErrorContains(t, err, want)
		}
	}
}

func TestAMeanIsNotDilated(t *testing.T) {
	k := pool.Mean{Window: pool.Window{Size: [2]int{2, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 2}}}
	_, err := optest.Eval(tensor.Float64, build(k), optest.Zeros(1, 1, 4, 4))
	require.ErrorContains(t, err, "a mean with dilation [1 2]")
}

func BenchmarkPool(b *testing.B) {
	k := pool.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}
	x := []optest.Array{optest.Normal(1, 1, 32, 64, 32, 32)}
	optest.Bench(b, []optest.Case{{Name: "max of 2x2", Build: build(pool.Max{Window: k}), In: x},
		{Name: "mean of 2x2", Build: build(pool.Mean{Window: k}), In: x}})
}
