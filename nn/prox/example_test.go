package prox_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/prox"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// The two numbers of a row that are largest in magnitude stay.
func ExampleKeepLargest() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return prox.KeepLargest(in[0], 2) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{3, 1, -4, 2}, 1, 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [3 0 -4 0]
}

// Hard thresholding leaves what is beyond the threshold as it is.
func ExampleHard() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return prox.Hard(in[0], in[1], 0) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{3, 1, -4, 2}, 1, 4),
		optest.Of([]float64{2.5, 2.5, 2.5, 2.5}, 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [3 0 -4 0]
}

// Each sample has a threshold of its own: here 1 and 0.25.
func ExampleSoftRows() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return prox.SoftRows(in[0], in[1]) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{3, 4, 0.3, 0.4}, 2, 2),
		optest.Of([]float64{1, 0.25}, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", y)
	// Output: [2.00 3.00 0.05 0.15]
}
