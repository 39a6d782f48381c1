package train_test

import (
	"cmp"
	"context"
	"fmt"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// Forty epochs with short last batches, a validation after each, and the best parameters in the end.
func ExampleLoop() {
	flowers, test, err := data.Iris()
	prepare := must(data.Fit(must(flowers, err), data.Standardize{}))
	flowers, test = must(prepare.Apply(flowers)), must(prepare.Apply(test))
	model := must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 4, Out: 3}))
	batches := must(data.NewBatches(flowers, data.BatchConfig{Size: 32, Shuffle: true, Last: data.ShortLast}))
	loss := losses.CrossEntropy{}

	loop := train.Loop{Model: model, Loss: loss, Source: batches, Epochs: 40,
		Evaluator: &train.SetEvaluator{Model: model, Loss: loss, Set: test}}
	loop.Optimizer = must(optim.NewAdam(model.Params(), optim.CosineAnnealing(0.1, loop.TotalSteps(), 0), optim.Adam{}))
	best := &train.KeepBest{Params: model.Params(), Metric: "val_accuracy"}
	loop.Hooks = []train.Hook{best}
	if err := cmp.Or(loop.Run(context.Background()), best.RestoreBest(), loop.Close()); err != nil {
		panic(err)
	}
	accuracy, _ := best.Best()
	fmt.Printf("%d samples, batches of %d and at last %d: %d steps, more than 90 %% right: %t\n", flowers.Len(),
		batches.BatchSize(), batches.LastBatchSize(), loop.Step(), accuracy > 0.9)
	// Output: 105 samples, batches of 32 and at last 9: 160 steps, more than 90 % right: true
}

// In one call: a table of flowers, a network, a loss; and predictions.
func ExampleFit() {
	ctx := context.Background()
	flowers, test, err := data.Iris()
	prepare := must(data.Fit(must(flowers, err), data.Standardize{}))
	flowers, test = must(prepare.Apply(flowers)), must(prepare.Apply(test))
	model := must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 4, Out: 3}))
	fitted := must(train.Fit(ctx, model, losses.CrossEntropy{}, flowers,
		train.FitConfig{Epochs: 50, LearningRate: 0.1, Validation: test, Patience: 10}))
	classes, odds := must(fitted.Predict(ctx, test)), must(train.PredictProba(ctx, model, test))
	first := odds.RawRowView(0)
	fmt.Println("more than 90 % right:", must(fitted.Score(ctx, test)) > 0.9)
	fmt.Println("the first is surely of its class:", first[classes[0]] > 0.9)
	// Output:
	// more than 90 % right: true
	// the first is surely of its class: true
}
