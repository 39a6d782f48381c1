package norm_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/norm"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// Each row has mean 0 and variance 1 after layer norm with weights 1 and biases 0.
func ExampleLayerNorm() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return norm.LayerNorm(in[0], in[1], in[2], 1e-5) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 2, 3, 10, 20, 30}, 2, 3),
		optest.Of([]float64{1, 1, 1}, 3), optest.Zeros(3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", y)
	// Output: [-1.225 0.000 1.225 -1.225 0.000 1.225]
}
