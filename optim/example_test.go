package optim_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// Descends along ½‖w‖², whose gradient is w: each step of rate ½ halves w.
func ExampleNewSGD() {
	w := &nn.Param{Name: "w", Value: tensor.New(tensor.WithBacking([]float64{8, -4}))}
	o, err := optim.NewSGD([]*nn.Param{w}, optim.Constant(0.5), optim.SGD{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		grad := w.Value.Clone().(*tensor.Dense)
		if err := o.Step([]*tensor.Dense{grad}); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(o.StepCount(), w.Value.Data())
	}
	// Output:
	// 1 [4 -2]
	// 2 [2 -1]
	// 3 [1 -0.5]
}
