package reduce_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/reduce"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(k reduce.Sum) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// cell returns which output the i-th element of x is in, and how many outputs there are.
func cell(r reduce.Axes, shape []int, i int) (at, size int) {
	if r.To == 0 {
		return 0, 1
	}
	size = 1
	at, weight := 0, 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		index := i % shape[axis]
		i /= shape[axis]
		if axis >= r.From && axis < r.To {
			continue
		}
		at += index * weight
		weight *= shape[axis]
		size *= shape[axis]
	}
	return at, size
}

// ref sums in 400 bits, which is exact here, and rounds once.
func ref(k reduce.Sum) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := in[0]
		_, size := cell(k.Axes, x.Shape, 0)
		sums := make([]*big.Float, size)
		for i := range sums {
			sums[i] = exact(0)
		}
		for i, v := range x.Data {
			r := exact(v)
			if k.Squares {
				r.Mul(r, r)
			}
			at, _ := cell(k.Axes, x.Shape, i)
			sums[at].Add(sums[at], r)
		}
		out := make([]float64, size)
		for i, s := range sums {
			if k.Mean {
				s.Quo(s, exact(float64(len(x.Data)/size)))
			}
			out[i], _ = s.Float64()
		}
		return out
	}
}

func exact(v float64) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(v) }

// somewhere are axes of shapes.
var somewhere = []struct {
	axes  reduce.Axes
	shape []int
}{
	{reduce.Axes{From: 0, To: 1}, []int{3, 4}}, {reduce.Axes{From: 1, To: 2}, []int{3, 4}},
	{reduce.Axes{From: 0, To: 1}, []int{1, 5}}, {reduce.Axes{From: 1, To: 2}, []int{1, 5}},
	{reduce.Axes{From: 0, To: 1, Keep: true}, []int{5, 1}}, {reduce.Axes{From: 1, To: 2, Keep: true}, []int{5, 1}},
	{reduce.Axes{From: 0, To: 1}, []int{150, 131}}, {reduce.Axes{From: 1, To: 2}, []int{150, 131}},
	{reduce.Axes{From: 0, To: 1}, []int{7}}, {reduce.Axes{From: 0, To: 1, Keep: true}, []int{7}},
	{reduce.Axes{Keep: true}, []int{3, 2}}, {reduce.Axes{From: 0, To: 2, Keep: true}, []int{3, 2}},
	{reduce.Axes{From: 1, To: 2}, []int{3, 4, 5}}, {reduce.Axes{From: 1, To: 2, Keep: true}, []int{2, 1, 3}},
	{reduce.Axes{From: 1, To: 3}, []int{2, 3, 4, 5}}, {reduce.Axes{From: 2, To: 4}, []int{2, 3, 4, 5}},
	{reduce.Axes{From: 0, To: 2, Keep: true}, []int{2, 3, 4}}, {reduce.Axes{From: 1, To: 2}, []int{40, 70, 33}},
}

func TestSum(t *testing.T) {
	var cases []optest.Case
	for _, mean := range []bool{false, true} {
		for _, squares := range []bool{false, true} {
			for _, shape := range [][]int{{}, {1}, {9}, {3, 4}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
				k := reduce.Sum{Mean: mean, Squares: squares}
				cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, shape), Build: build(k), Ref: ref(k),
					In: []optest.Array{optest.Normal(1, 1, shape...)}})
			}
			for _, c := range somewhere {
				k := reduce.Sum{Axes: c.axes, Mean: mean, Squares: squares}
				cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, c.shape), Build: build(k), Ref: ref(k),
					In: []optest.Array{optest.Normal(1, 1, c.shape...)}})
			}
		}
	}
	optest.Run(t, cases)
}

// TestFloat32SumsDoNotDrift sums a million times 0.1, which in float32 arithmetic
// ends above 100958.
func TestFloat32SumsDoNotDrift(t *testing.T) {
	x := optest.Zeros(1000, 1000).Map(func(float64) float64 { return 0.1 })
	out, err := optest.Eval(tensor.Float32, build(reduce.Sum{}), x)
	require.NoError(t, err)
	require.InEpsilon(t, 1e6*float64(float32(0.1)), out[0], 1e-7)
}
