package csc_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
)

// Two layers of a convolutional dictionary, whose codes are improved three times.
func ExampleMLISTA() {
	net, err := csc.NewMLISTA(csc.Config{Name: "ml", Unfoldings: 3, Banks: []csc.Bank{
		{Filters: 8, Kernel: [2]int{4, 4}, Stride: [2]int{2, 2}}, {Filters: 16, Kernel: [2]int{3, 3}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := nn.NewGraph(nn.Eval)
	x, err := g.Input("x", tensor.New(tensor.WithShape(5, 1, 12, 12), tensor.Of(tensor.Float32)))
	if err != nil {
		fmt.Println(err)
		return
	}
	codes, err := net.Codes(g, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(codes[0].Shape(), codes[1].Shape())
	// Output: (5, 8, 5, 5) (5, 16, 3, 3)
}
