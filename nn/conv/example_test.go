package conv_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// The differences of neighbours in a row of an image of 2×4 pixels.
func ExampleConv2D() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return conv.Conv2D(in[0], in[1], nil, conv.Geometry{})
	}
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 2, 4, 8, 3, 3, 5, 5}, 1, 1, 2, 4),
		optest.Of([]float64{-1, 1}, 1, 1, 1, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [1 2 4 0 2 0]
}

// The largest of each 2×2 pixels.
func ExampleMaxPool() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return conv.MaxPool(in[0], conv.Window{Kernel: conv.Pair(2)})
	}
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 2, 4, 8, 3, 3, 5, 5}, 1, 1, 2, 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [3 8]
}

// A pixel on the left and one on the right of an image of 1×2, which repeats the nearest.
func ExamplePad() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return conv.Pad(in[0], conv.PadReplicate, conv.Padding{Left: 1, Right: 1})
	}
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 2}, 1, 1, 1, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [1 1 2 2]
}
