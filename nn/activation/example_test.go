package activation_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/activation"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// GELU is x·Φ(x), with the distribution function Φ of the standard normal distribution.
func ExampleGELU() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return activation.GELU(in[0]) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{-1, 0, 1, 2}, 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", y)
	// Output: [-0.1587 0.0000 0.8413 1.9545]
}

// LeakyReLU multiplies what is below 0 by its slope.
func ExampleLeakyReLU() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return activation.LeakyReLU(in[0], 0.1) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{-10, 0, 10}, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [-1 0 10]
}

// Sigmoid is 1/(1 + exp(−x)).
func ExampleSigmoid() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return activation.Sigmoid(in[0]) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{-2, 0, 2}, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", y)
	// Output: [0.1192 0.5000 0.8808]
}
