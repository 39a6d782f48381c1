// Command own-op declares an operation that the library does not have, softsign, by its
// value and its slope, checks the gradient that follows, and trains a layer with it.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/gradcheck"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// softsign is x/(1 + |x|), of numbers or of arrays of any shape.
type softsign struct{}

func (k softsign) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: func(x float64) float64 { return x / (1 + math.Abs(x)) },
		Slope: func(x float64) float64 { return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x))) },
	})
}

// Softsign is the operation as a layer, without parameters.
type Softsign struct{}

func (Softsign) Forward(_ *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(softsign{}, x)
}
func (Softsign) Params() []*nn.Param { return nil }

func main() {
	w := must(nn.NewParam("w", tensor.Float64, 5, 3))
	check(initializer.Normal{Std: 1}.Fill(w, nn.Rand(1, "w")))
	check(gradcheck.Check([]*nn.Param{w}, func(g *nn.Graph) (*gorgonia.Node, error) {
		return nn.SumSquares(nn.Must(op.Apply(softsign{}, nn.Must(g.Bind(w)))))
	}, gradcheck.Config{}))
	fmt.Println("the gradient is that of differences, to 1e-6")

	digits, _, err := data.Digits()
	check(err)
	model := layers.Sequential{
		layers.Flatten{},
		must(layers.NewLinear(layers.LinearConfig{Name: "hidden", In: 64, Out: 100})), Softsign{},
		must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 100, Out: 10})),
	}
	batches := must(data.NewBatches(digits, data.BatchConfig{Size: 100, Shuffle: true}))
	adam := must(optim.NewAdam(model.Params(), optim.Constant(0.01), optim.Adam{}))
	loop := train.Loop{Model: model, Loss: losses.CrossEntropy{}, Optimizer: adam, Source: batches, Steps: 200,
		Hooks: []train.Hook{
			train.HookFunc(func(e *train.Event) error {
				if e.Step%50 == 0 {
					fmt.Printf("step %3d: cross-entropy %.3f\n", e.Step, e.Loss)
				}
				return nil
			})}}
	check(loop.Run(context.Background()))
	check(loop.Close())
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
