package recovery_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/recovery"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// The squared error of codes over their energy, in decibels: 10 log₁₀(0.1/10).
func ExampleNMSE() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return recovery.NMSE(in[0], in[1], true) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 0, 3.1, 0.3}, 2, 2),
		optest.Of([]float64{1, 0, 3, 0}, 2, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n", y)
	// Output: [-20.0]
}
