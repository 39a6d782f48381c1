package train_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

// ALISTA learns two numbers a layer, layer by layer, from samples that are drawn
// anew at every step.
func ExampleStagewise() {
	ctx := context.Background()
	cfg := data.SparseCodesConfig{Samples: 200, Measurements: 20, Atoms: 40, Density: 0.05, Seed: 1}
	source, dictionary, err := data.NewSparseStream(cfg, 50)
	if err != nil {
		panic(err)
	}
	cfg.Stream = 1 // other samples of the same dictionary
	validation, _, err := data.SparseCodes(cfg)
	if err != nil {
		panic(err)
	}
	net := must(layers.NewALISTA(layers.ALISTAConfig{
		UnrollConfig: layers.UnrollConfig{Name: "alista", A: mat.NewDense(20, 40, dictionary), Layers: 4},
		Select:       layers.Selection{P: 1.2, Max: 13},
	}))
	before := must(must(train.NewSparseEval(net, 4, false, validation, 50, nn.Options{})).Layers(ctx))[0]

	s := train.Stagewise{Net: net, Source: source, Validation: validation, LR: 0.01, MaxSteps: 100, BetterWait: 40}
	if err := s.Run(ctx); err != nil {
		panic(err)
	}
	after := must(must(train.NewSparseEval(net, 4, false, validation, 50, nn.Options{})).Layers(ctx))[0]
	fmt.Println("better by more than 3 dB:", after.NMSE < before.NMSE-3)
	// Output: better by more than 3 dB: true
}
