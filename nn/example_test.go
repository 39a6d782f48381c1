package nn_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// A parameter, an input and a loss: the program computes the loss and its gradient.
func ExampleCompile() {
	w := must(nn.NewParam("w", tensor.Float64, 1, 2))
	if err := nn.SetFloats(w.Value, []float64{1, -1}); err != nil {
		fmt.Println(err)
		return
	}
	g := nn.NewGraph(nn.Train)
	x := must(g.Input("x", tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float64{3, 2}))))
	loss := must(nn.SumSquares(must(nn.Linear(x, must(g.Bind(w)), nil))))
	p := must(nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{w}}))
	defer p.Close()
	if err := p.Run(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Loss(), must(p.Grad(w)).Data()) // (w·x)², and 2(w·x)x
	// Output: 1 [6 4]
}
