package codingrate_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/codingrate"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// Four samples on two orthogonal lines, with ε² = 0.5: R = ½ logdet(I + ZᵀZ) = log 3 nats.
func ExampleRate() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return codingrate.Rate(in[0], 0.5) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 0, -1, 0, 0, 1, 0, -1}, 4, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", y)
	// Output: [1.0986]
}

// Coded class by class, the same samples cost Rᶜ = ½ log 5 nats.
func ExampleClassRate() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return codingrate.ClassRate(in[0], in[1], 2, 0.5) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 0, -1, 0, 0, 1, 0, -1}, 4, 2),
		optest.Of([]float64{0, 0, 1, 1}, 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", y)
	// Output: [0.8047]
}
