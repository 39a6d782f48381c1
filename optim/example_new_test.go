package optim_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// must1 returns v, or panics.
func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A chain of transforms: clipped gradients, momentum, a rate that is halved behind the second step. The gradient of
// ½w² is w.
func ExampleNew() {
	w := &nn.Param{Name: "w", Value: tensor.New(tensor.WithBacking([]float64{8, -4}))}
	o := must1(optim.New([]*nn.Param{w},
		optim.CheckFinite{},
		optim.ClipValue{Max: 4},
		&optim.Momentum{Mu: 0.5},
		optim.LearningRate{Rate: optim.Step(0.5, 2, 0.5)},
	))
	for range 4 {
		if err := o.Step([]*tensor.Dense{w.Value.Clone().(*tensor.Dense)}); err != nil {
			panic(err)
		}
		fmt.Println(o.StepCount(), o.LR(), w.Value.Data())
	}
	// Output:
	// 1 0.5 [6 -2]
	// 2 0.5 [3 0]
	// 3 0.25 [1.5 0.5]
	// 4 0.25 [0.375 0.625]
}

// An average of the parameters over the steps, which another evaluation may look at.
func ExampleEMA() {
	w := &nn.Param{Name: "w", Value: tensor.New(tensor.WithBacking([]float64{0}))}
	average := must1(optim.NewEMA([]*nn.Param{w}, optim.EMAConfig{Decay: 0.5}))
	for _, v := range []float64{8, 0, 8} { // as steps would change it
		w.Value.Float64s()[0] = v
		if err := average.Update(); err != nil {
			panic(err)
		}
	}
	err := average.Evaluate(func() error {
		fmt.Println("the average:", w.Value.Data())
		return nil
	})
	fmt.Println("the parameter:", w.Value.Data(), err)
	// Output:
	// the average: 5
	// the parameter: 8 <nil>
}
