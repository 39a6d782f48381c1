package spectral_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/spectral"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// Correlation with a filter, all the way around: y_t = Σ_s w_s x_{t+s}.
func ExampleCircularCorrelate() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return spectral.CircularCorrelate(in[0], in[1]) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 2, 3, 4}, 1, 1, 4),
		optest.Of([]float64{1, -1}, 1, 1, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", y)
	// Output: [-1 -1 -1 3]
}
