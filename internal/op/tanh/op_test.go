package tanh_test

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/tanh"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(tanh.Tanh{}, in...) }

// ref is by its continued fraction x/(1 + x²/(3 + x²/(5 + …))).
func ref(in ...optest.Array) []float64 {
	return in[0].Map(func(x float64) float64 {
		f := 0.0
		for n := 81.0; n >= 1; n -= 2 {
			f = x * x / (n + f)
		}
		return f / x
	}).Data
}

func TestTanh(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{}, {1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build, Ref: ref,
			In: []optest.Array{optest.Normal(1, 2, shape...)}})
	}
	optest.Run(t, cases)
}

func BenchmarkTanh(b *testing.B) {
	optest.Bench(b, []optest.Case{{Name: "512x512", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 512)}}})
}
