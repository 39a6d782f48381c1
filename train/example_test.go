package train_test

import (
	"context"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A perceptron trained under MCR², and classified by
// the nearest of the subspaces that its classes came to span.
func Example() {
	ctx := context.Background()
	digits, test, err := data.Digits()
	if err != nil {
		panic(err)
	}
	encoder := must(models.NewMLP(models.MLPConfig{Dims: []int{64, 256, 64}, Normalize: true}))
	batches := must(data.NewBatches(digits, data.BatchConfig{Size: 719, Shuffle: true}))
	adam := must(optim.NewAdam(encoder.Params(), optim.Constant(0.003), optim.Adam{}))

	loop := train.Loop{Model: encoder, Loss: losses.MCR2{Classes: 10}, Optimizer: adam, Source: batches, Steps: 60}
	if err := loop.Run(ctx); err != nil {
		panic(err)
	}

	features := must(train.NewPredictor(train.Output(encoder), tensor.Float32, 359, digits.Shape(), nn.Options{}))
	z := must(features.Collect(ctx, digits))[0]
	subspaces := must(metrics.NearestSubspace{Dim: 6}.Fit(z, digits.Labels(), 10))
	accuracy := must(metrics.Score(subspaces, must(features.Collect(ctx, test))[0], test.Labels()))
	fmt.Println("more than 97 % of the test digits are right:", accuracy > 0.97)
	// Output: more than 97 % of the test digits are right: true
}
