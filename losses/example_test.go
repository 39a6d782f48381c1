package losses_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// Two classes on orthogonal lines have a rate reduction of log(3) − log(5)/2 nats, which
// the loss negates; a probe has it too.
func ExampleMCR2() {
	g := nn.NewGraph(nn.Train)
	rows := []float64{1, 0, -1, 0, 0, 1, 0, -1}
	z, err := g.Input("z", tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(rows)))
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := g.Input("labels", tensor.New(tensor.WithBacking([]float64{0, 0, 1, 1})))
	if err != nil {
		fmt.Println(err)
		return
	}
	loss, err := losses.MCR2{Classes: 2}.Loss(g, z, labels)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := nn.Compile(g, nn.Outputs{Loss: loss})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("loss %.4f, ΔR %.4f nats\n", p.Loss(), p.Scalar("delta_R"))
	// Output: loss -0.2939, ΔR 0.2939 nats
}
