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

// ref sums in 400 bits, which is exact here, and rounds once.
func ref(k reduce.Sum) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := in[0]
		size, d := 1, 1
		if k.Over != reduce.All {
			d = x.Shape[1]
			size = map[reduce.Axis]int{reduce.Rows: d, reduce.Cols: x.Shape[0]}[k.Over]
		}
		sums := make([]*big.Float, size)
		for i := range sums {
			sums[i] = exact(0)
		}
		for i, v := range x.Data {
			r := exact(v)
			if k.Squares {
				r.Mul(r, r)
			}
			at := map[reduce.Axis]int{reduce.All: 0, reduce.Rows: i % d, reduce.Cols: i / d}[k.Over]
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

func TestSum(t *testing.T) {
	var cases []optest.Case
	for _, mean := range []bool{false, true} {
		for _, squares := range []bool{false, true} {
			for _, shape := range [][]int{{}, {1}, {9}, {3, 4}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
				k := reduce.Sum{Mean: mean, Squares: squares}
				cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, shape), Build: build(k), Ref: ref(k),
					In: []optest.Array{optest.Normal(1, 1, shape...)}})
			}
			for _, over := range []reduce.Axis{reduce.Rows, reduce.Cols} {
				for _, s := range [][]int{{3, 4}, {1, 5}, {5, 1}, {1, 1}, {150, 131}} {
					k := reduce.Sum{Over: over, Mean: mean, Squares: squares}
					cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, s), Build: build(k), Ref: ref(k),
						In: []optest.Array{optest.Normal(1, 1, s...)}})
				}
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
