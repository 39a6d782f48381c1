package gelu_test

import (
	"fmt"
	"math"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/gelu"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(gelu.GELU{}, in...) }

// ref is x·Φ(x) with Φ by Simpson's rule for the density from 0 to x.
func ref(in ...optest.Array) []float64 {
	return in[0].Map(func(x float64) float64 {
		const n = 2000
		sum, h := 0.0, x/n
		for i := range n + 1 {
			weight := 2.0 + 2*float64(i%2)
			if i == 0 || i == n {
				weight = 1
			}
			sum += weight * math.Exp(-(float64(i)*h)*(float64(i)*h)/2)
		}
		return x * (0.5 + sum*h/3/math.Sqrt(2*math.Pi))
	}).Data
}

func TestGELU(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{}, {1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build, Ref: ref,
			In: []optest.Array{optest.Normal(1, 2, shape...)}})
	}
	optest.Run(t, cases)
}

func BenchmarkGELU(b *testing.B) {
	optest.Bench(b, []optest.Case{{Name: "512x512", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 512)}}})
}
