package arrange_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/arrange"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// each calls f with every multi-index of a shape, in row-major order.
func each(shape []int, f func(at []int)) {
	at := make([]int, len(shape))
	for {
		f(at)
		axis := len(shape) - 1
		for ; axis >= 0; axis-- {
			if at[axis]++; at[axis] < shape[axis] {
				break
			}
			at[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// element returns x[at].
func element(x optest.Array, at []int) float64 {
	i := 0
	for axis, size := range x.Shape {
		i = i*size + at[axis]
	}
	return x.Data[i]
}

func TestConcat(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct {
		axis   int
		shapes [][]int
	}{
		{0, [][]int{{3}, {1}, {4}}}, {0, [][]int{{3, 4}, {2, 4}}}, {1, [][]int{{3, 4}, {3, 1}}}, {0, [][]int{{2, 3}}},
		{1, [][]int{{2, 3, 4, 2}, {2, 1, 4, 2}, {2, 5, 4, 2}}}, {2, [][]int{{2, 3, 1}, {2, 3, 1}}},
		{1, [][]int{{150, 131}, {150, 7}}}, {0, [][]int{{150, 131}, {7, 131}}},
	} {
		var in []optest.Array
		for i, shape := range c.shapes {
			in = append(in, optest.Normal(uint64(i+1), 1, shape...))
		}
		k := arrange.Concat{N: len(in), Axis: c.axis}
		cases = append(cases, optest.Case{Name: fmt.Sprint(c), Build: of(k), In: in,
			Ref: func(in ...optest.Array) (out []float64) {
				shape := append([]int{}, in[0].Shape...)
				for _, x := range in[1:] {
					shape[c.axis] += x.Shape[c.axis]
				}
				each(shape, func(at []int) {
					own := append([]int{}, at...)
					i := 0
					for ; own[c.axis] >= in[i].Shape[c.axis]; i++ {
						own[c.axis] -= in[i].Shape[c.axis]
					}
					out = append(out, element(in[i], own))
				})
				return out
			}})
	}
	optest.Run(t, cases)
}

func TestSlice(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct {
		axis, lo, hi int
		shape        []int
	}{
		{0, 1, 3, []int{5}}, {0, 0, 1, []int{1}}, {0, 2, 3, []int{3, 4}}, {1, 0, 4, []int{3, 4}},
		{1, 3, 4, []int{3, 4}},
		{1, 1, 3, []int{2, 3, 2, 2}}, {3, 1, 2, []int{2, 3, 2, 2}}, {1, 17, 101, []int{150, 131}},
		{0, 17, 101, []int{150, 131}},
	} {
		k := arrange.Slice{Axis: c.axis, Lo: c.lo, Hi: c.hi}
		cases = append(cases, optest.Case{Name: fmt.Sprint(c), Build: of(k),
			In: []optest.Array{optest.Normal(1, 1, c.shape...)},
			Ref: func(in ...optest.Array) (out []float64) {
				each(in[0].Shape, func(at []int) {
					if at[c.axis] >= c.lo && at[c.axis] < c.hi {
						out = append(out, element(in[0], at))
					}
				})
				return out
			}})
	}
	optest.Run(t, cases)
}

func TestTranspose(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct{ shape, axes []int }{
		{[]int{}, []int{}}, {[]int{4}, []int{0}}, {[]int{3, 4}, []int{1, 0}}, {[]int{3, 4}, []int{0, 1}},
		{[]int{1, 5}, []int{1, 0}}, {[]int{5, 1}, []int{1, 0}}, {[]int{2, 3, 4}, []int{2, 0, 1}},
		{[]int{2, 3, 4}, []int{0, 2, 1}}, {[]int{2, 3, 4}, []int{1, 0, 2}}, {[]int{2, 3, 4, 5}, []int{0, 2, 1, 3}},
		{[]int{2, 3, 4, 5}, []int{3, 1, 0, 2}}, {[]int{2, 1, 3, 2, 3}, []int{4, 2, 0, 1, 3}},
		{[]int{2, 1, 3, 2, 3}, []int{0, 4, 2, 1, 3}}, {[]int{150, 131}, []int{1, 0}},
		{[]int{3, 150, 70}, []int{2, 0, 1}},
	} {
		k, err := arrange.NewTranspose(c.axes)
		require.NoError(t, err)
		cases = append(cases, optest.Case{Name: fmt.Sprint(c), Build: of(k),
			In: []optest.Array{optest.Normal(1, 1, c.shape...)},
			Ref: func(in ...optest.Array) (out []float64) {
				var shape []int
				for _, a := range c.axes {
					shape = append(shape, in[0].Shape[a])
				}
				each(shape, func(at []int) {
					from := make([]int, len(at))
					for i, a := range c.axes {
						from[a] = at[i]
					}
					out = append(out, element(in[0], from))
				})
				return out
			}})
	}
	optest.Run(t, cases)
}

func TestBadAttributes(t *testing.T) {
	x, y := optest.Zeros(2, 3), optest.Zeros(3, 3)
	for want, c := range map[string]struct {
		k  op.Op
		in []optest.Array
	}{
		"slice: axis 2 of (2, 3), want one from 0 to 1": {arrange.Slice{Axis: 2, Hi: 1}, []optest.Array{x}},
		"from 1 to 1 of axis 0 of (2, 3)":               {arrange.Slice{Lo: 1, Hi: 1}, []optest.Array{x}},
		"from 0 to 4 of axis 1 of (2, 3)":               {arrange.Slice{Axis: 1, Hi: 4}, []optest.Array{x}},
		"from -1 to 1":                                  {arrange.Slice{Lo: -1, Hi: 1}, []optest.Array{x}},
		"concat: axis -1":                               {arrange.Concat{N: 1, Axis: -1}, []optest.Array{x}},
		"input 1 is (3, 3) but input 0 is (2, 3)":       {arrange.Concat{N: 2, Axis: 1}, []optest.Array{x, y}},
		"1 inputs, want 2":                              {arrange.Concat{N: 2}, []optest.Array{x}},
		"x is (2, 3) but the axes are [0], want 2":      {transpose(t, 0), []optest.Array{x}},
		"x is (2, 3) but the axes are [0 1 2], want 2":  {transpose(t, 0, 1, 2), []optest.Array{x}},
		"axes [0 0 0 0 0], want each of 0, 1, … once": {arrange.Transpose{},
			[]optest.Array{optest.Zeros(1, 1, 1, 1, 1)}},
		"the axes are [], want 2": {arrange.Transpose{Axes: [5]int{-1, 1}}, []optest.Array{x}},
	} {
		_, err := optest.Eval(tensor.Float64, of(c.k), c.in...)
		require.True(t, errors.Is(err, op.ErrInput), "%s: %v", want, err)
		require.ErrorContains(t, err, want)
	}
	for _, axes := range [][]int{{0, 0}, {1}, {0, -1}, {0, 2}, {5, 4, 3, 2, 1, 0}} {
		_, err := arrange.NewTranspose(axes)
		require.True(t, errors.Is(err, op.ErrInput), "%v", axes)
	}
}

func transpose(t *testing.T, axes ...int) arrange.Transpose {
	k, err := arrange.NewTranspose(axes)
	require.NoError(t, err)
	return k
}

func BenchmarkArrange(b *testing.B) {
	x := optest.Normal(1, 1, 512, 512)
	swap, err := arrange.NewTranspose([]int{1, 0})
	require.NoError(b, err)
	optest.Bench(b, []optest.Case{
		{Name: "concat", Build: of(arrange.Concat{N: 2, Axis: 1}), In: []optest.Array{x, x}},
		{Name: "slice", Build: of(arrange.Slice{Axis: 1, Lo: 1, Hi: 500}), In: []optest.Array{x}},
		{Name: "transpose", Build: of(swap), In: []optest.Array{x}},
	})
}
