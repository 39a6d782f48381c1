package norm1_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/norm1"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func TestL1(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{6}, {3, 4}, {2, 3, 4}} {
		cases = append(cases, optest.Case{
			Name: "norm", In: []optest.Array{optest.Normal(1, 1, shape...)},
			Build: func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return op.Apply(norm1.L1{}, in...)
			},
			Ref:    func(in ...optest.Array) []float64 { return []float64{floats.Norm(in[0].Data, 1)} },
			Smooth: func(in ...optest.Array) bool { return math.Abs(floats.Min(in[0].Data)) > 1e-4 },
		})
	}
	optest.Run(t, cases)
}
