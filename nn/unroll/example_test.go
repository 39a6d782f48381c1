package unroll_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/unroll"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// GLISTA's gate makes codes larger, those near 0 the most: x·(1 + μ exp(−κ|x|)).
func ExampleGainGate() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return unroll.GainGate(in[0], in[1], in[2])
	}
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{0.1, 1, 10}, 1, 3),
		optest.Of([]float64{0.5}, 1), optest.Of([]float64{1}, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", y)
	// Output: [0.1452 1.1839 10.0002]
}

// One step of LISTA: soft thresholding of b + c·vWᵀ by θ.
func ExampleThresholdStep() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return unroll.ThresholdStep(in[0], in[1], in[2], in[3], -1)
	}
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{3, -1}, 1, 2), optest.Of([]float64{1}, 1, 1),
		optest.Of([]float64{1, 1}, 2, 1), optest.Of([]float64{0.5, 0.5}, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n", y)
	// Output: [1.5 -1.5]
}
