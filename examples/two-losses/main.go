// Command two-losses trains the same perceptron on handwritten digits under MCR² and
// under cross-entropy, and says what each makes of the features.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

func main() {
	digits, test, err := data.Digits()
	check(err)
	fmt.Println("loss            accuracy  ΔR, nats  rank of a class")

	encoder := newEncoder()
	learn(encoder, losses.MCR2{Classes: 10}, digits)
	describe("MCR²", encoder, digits, test)

	encoder = newEncoder() // the same first values: they depend on the seed and the names
	head := must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 64, Out: 10}))
	learn(layers.Sequential{encoder, head}, losses.CrossEntropy{}, digits)
	describe("cross-entropy", encoder, digits, test)
}

// newEncoder returns a network from 8×8 pixels to a feature on the sphere of ℝ⁶⁴.
func newEncoder() *models.MLP {
	return must(models.NewMLP(models.MLPConfig{Dims: []int{64, 256, 64}, Normalize: true}))
}

func learn(model layers.Layer, loss losses.Loss, set *data.Set) {
	batches := must(data.NewBatches(set, data.BatchConfig{Size: 719, Shuffle: true}))
	adam := must(optim.NewAdam(model.Params(), optim.Constant(0.003), optim.Adam{}))
	loop := train.Loop{Model: model, Loss: loss, Optimizer: adam, Source: batches, Steps: 60}
	check(loop.Run(context.Background()))
	check(loop.Close())
}

// describe measures features: the test digits whose nearest subspace is that of their
// class, the rate reduction, and in how many directions a class lies.
func describe(name string, encoder layers.Layer, set, test *data.Set) {
	features := must(train.NewPredictor(train.Output(encoder), tensor.Float32, 359, set.Shape(), nn.Options{}))
	z, zTest := must(features.Collect(context.Background(), set))[0],
		must(features.Collect(context.Background(), test))[0]
	subspaces := must(metrics.NearestSubspace{Dim: 6}.Fit(z, set.Labels(), 10))
	accuracy := must(metrics.Score(subspaces, zTest, test.Labels()))
	deltaR := must(coding.Reduction(z, set.Labels(), 10, 0.5))
	ranks := must(metrics.ClassRanks(z, set.Labels(), 10, 0.95))
	fmt.Printf("%-14s  %6.1f %%  %8.2f  %v\n", name, 100*accuracy, deltaR, ranks)
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
