// Command constructed makes a ReduNet from labelled digits, layer by layer and without
// back-propagation, prints what each layer does to the rates, and classifies with it.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

func main() {
	ctx := context.Background()
	digits, test, err := data.Digits()
	check(err)
	few := must(digits.FirstOfEach(20))

	// A layer is a step of gradient ascent on ΔR = R − Rᶜ; 12 random filters lift an
	// image, and all its shifts are coded with it.
	net, rates, err := redunet.Build(ctx, few, redunet.Config{Net: models.ReduNetConfig{
		Shape: []int{1, 8, 8}, Layers: 8, Channels: 12, Kernel: 3,
	}})
	check(err)
	fmt.Println("layer      R     Rᶜ     ΔR")
	for layer, r := range rates {
		fmt.Printf("%5d %6.2f %6.2f %6.2f\n", layer, r.R, r.Rc, r.DeltaR)
	}

	features := must(train.NewPredictor(train.Output(net), tensor.Float32, 200, few.Shape(), nn.Options{}))
	z := must(features.Collect(ctx, few))[0]
	subspaces := must(metrics.NearestSubspace{Dim: 10}.Fit(z, few.Labels(), 10))
	accuracy := must(metrics.Score(subspaces, must(features.Collect(ctx, test))[0], test.Labels()))
	fmt.Printf("from 20 images a class: %.1f %% of %d others are right\n", 100*accuracy, test.Len())
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
