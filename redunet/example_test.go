package redunet_test

import (
	"context"
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Two Gaussians in the plane end on two orthogonal lines, which is the best that
// features of two classes can do.
func ExampleBuild() {
	ctx := context.Background()
	set := must(data.Axes(data.AxesConfig{Dim: 2, PerClass: 100}))
	net, rates, err := redunet.Build(ctx, set, redunet.Config{Net: models.ReduNetConfig{Layers: 2000}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("layers: %d\n", len(net.Layers()))
	fmt.Printf("ΔR:     %.4f\n", rates[2000].DeltaR)
	fmt.Printf("best:   %.4f\n", math.Log(11)-math.Log(21)/2)
	// Output:
	// layers: 2000
	// ΔR:     0.8756
	// best:   0.8756
}

// A translation-invariant network for the embedded digits: constructed, not trained,
// it classifies digits that it has not seen by their nearest subspace.
func ExampleBuild_images() {
	ctx := context.Background()
	digits, test, err := data.Digits()
	if err != nil {
		panic(err)
	}
	few := must(digits.FirstOfEach(20))
	net, rates, err := redunet.Build(ctx, few, redunet.Config{Net: models.ReduNetConfig{
		Shape: []int{1, 8, 8}, Layers: 8, Channels: 12, Kernel: 3,
	}})
	if err != nil {
		panic(err)
	}
	features := must(train.NewPredictor(train.Output(net), tensor.Float32, 200, few.Shape(), nn.Options{}))
	z := must(features.Collect(ctx, few))[0]
	subspaces := must(metrics.NearestSubspace{Dim: 10}.Fit(z, few.Labels(), 10))
	accuracy := must(metrics.Score(subspaces, must(features.Collect(ctx, test))[0], test.Labels()))
	fmt.Println("ΔR grew more than threefold:", rates[8].DeltaR > 3*rates[0].DeltaR)
	fmt.Println("more than 75 % are right:", accuracy > 0.75)
	// Output:
	// ΔR grew more than threefold: true
	// more than 75 % are right: true
}

// New samples move the parameters of a network a tenth of the way.
func ExampleUpdate() {
	ctx := context.Background()
	morning := must(data.Axes(data.AxesConfig{Dim: 3, PerClass: 50}))
	evening := must(data.Axes(data.AxesConfig{Dim: 3, PerClass: 50, Stream: 1}))
	cfg := redunet.Config{Net: models.ReduNetConfig{Layers: 5}, Dense: true}
	net, _, err := redunet.Build(ctx, morning, cfg)
	if err != nil {
		panic(err)
	}
	rates := must(redunet.Update(ctx, net, evening, cfg, 0.1))
	fmt.Println("rates of the new samples:", len(rates))
	fmt.Println("ΔR rises with depth:", rates[5].DeltaR > rates[0].DeltaR)
	// Output:
	// rates of the new samples: 6
	// ΔR rises with depth: true
}
