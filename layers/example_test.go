package layers_test

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// A network of layers one after another is a layer, whose parameters are all of theirs.
func ExampleSequential() {
	net := layers.Sequential{
		must(layers.NewLinear(layers.LinearConfig{Name: "first", In: 4, Out: 3})),
		layers.ReLU{},
		must(layers.NewLinear(layers.LinearConfig{Name: "second", In: 3, Out: 2})),
	}
	for _, p := range net.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	fmt.Println(nn.Size(net.Params()), "numbers")
	// Output:
	// first.weight (3, 4)
	// first.bias (3)
	// second.weight (2, 3)
	// second.bias (2)
	// 23 numbers
}
