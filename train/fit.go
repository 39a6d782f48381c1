package train

import (
	"cmp"
	"context"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// FitConfig configures Fit. The zero value is 100 epochs of Adam, on batches of up to 256, with a rate
// that falls from 0.001 to 0 along a cosine.
type FitConfig struct {
	Epochs       int            // 0 is 100
	Batch        int            // samples; 0 is 256, or all if there are fewer
	Last         data.LastBatch // what to do with the last samples of an epoch if too few for a batch
	LearningRate float64        // at first; 0 is 0.001
	WeightDecay  float64        // decoupled, as in AdamW
	Seed         uint64         // of the order of samples

	// Validation, unless it is nil, is measured after each epoch (SetEvaluator), and the model ends with the
	// parameters of the least val_loss. Training ends after Patience epochs without an improvement; 0 is never.
	Validation *data.Set
	Patience   int

	// ClassWeights weigh the classes in a losses.CrossEntropy, and SampleWeights the samples of the set in any
	// losses.Weigher; nil is 1 each.
	ClassWeights, SampleWeights []float64

	OverfitBatches int  // train on the first so many batches alone: a model that cannot learn these has a fault
	FastDevRun     bool // one batch and one evaluation: does everything fit together?

	Hooks   []Hook // logs, progress, checkpoints
	Options nn.Options
}

// Fit trains a model on a set. It is a Loop with settings that suit small sets; make a Loop for other
// optimizers, schedules, augmentation, or to resume. Parameters that are frozen stay.
//
// A model trained under losses.CrossEntropy predicts the class of its largest output, the first of equals. A model
// trained on classes under another loss, such as losses.MCR2, predicts the class whose subspace is nearest: for each
// of the k classes a subspace of ⌊d/k⌋ dimensions, at least 1, is fitted to its d outputs on the training set.
func Fit(ctx context.Context, model layers.Layer, loss losses.Loss, set *data.Set, cfg FitConfig) (_ *Fitted,
	err error) {
	l, keep, err := cfg.loop(model, loss, set)
	if err != nil {
		return nil, errors.WithMessage(err, "train: fit")
	}
	defer func() {
		e := l.Close()
		if evaluator, ok := l.Evaluator.(*SetEvaluator); ok {
			e = cmp.Or(e, evaluator.Close())
		}
		err = cmp.Or(err, e)
	}()
	if err := l.Run(ctx); err != nil {
		return nil, err
	}
	if _, step := keep.Best(); step > 0 {
		if err := keep.RestoreBest(); err != nil {
			return nil, errors.WithMessage(err, "train: fit")
		}
	}
	f := &Fitted{Model: model}
	if _, logits := loss.(losses.CrossEntropy); logits || set.Classes() == 0 {
		return f, nil
	}
	z, err := Features(ctx, model, set)
	if err != nil {
		return nil, err
	}
	_, d := z.Dims()
	f.Classifier, err = metrics.NearestSubspace{Dim: max(1, d/set.Classes())}.Fit(z, set.Labels(), set.Classes())
	return f, err
}

// A Fitted is a trained model with the classifier of its outputs.
type Fitted struct {
	Model      layers.Layer
	Classifier metrics.Classifier // of the outputs; nil takes the largest
}

// Predict returns the class of each sample.
func (f *Fitted) Predict(ctx context.Context, set *data.Set) ([]int, error) {
	if f == nil {
		return nil, errors.New("train: predict: want a Fitted that Fit made")
	}
	z, err := Features(ctx, f.Model, set)
	if err != nil {
		return nil, err
	}
	if isNil(f.Classifier) {
		return metrics.Argmax(z)
	}
	return f.Classifier.Predict(z)
}

// Score returns the share of the samples that are predicted right.
func (f *Fitted) Score(ctx context.Context, set *data.Set) (float64, error) {
	y, err := f.Predict(ctx, set)
	if err != nil {
		return 0, err
	}
	return metrics.Accuracy(y, set.Labels())
}

// loop returns the training loop, and the hook that keeps the best parameters.
func (c FitConfig) loop(model layers.Layer, loss losses.Loss, set *data.Set) (*Loop, *KeepBest, error) {
	if isNil(model) || isNil(loss) || set == nil || set.Len() == 0 {
		return nil, nil, errors.New("want a model, a loss and a set of samples")
	}
	if c.Epochs < 0 || c.Batch < 0 || c.Patience < 0 || c.OverfitBatches < 0 || !(c.LearningRate >= 0) {
		return nil, nil, errors.Errorf("Epochs %d, Batch %d, Patience %d, OverfitBatches %d, LearningRate %v, "+
			"want 0 for the default, or above", c.Epochs, c.Batch, c.Patience, c.OverfitBatches, c.LearningRate)
	}
	epochs, batch, rate := orDefault(c.Epochs, 100), orDefault(c.Batch, min(256, set.Len())),
		orDefault(c.LearningRate, 0.001)
	loss, set, err := c.weigh(loss, set)
	if err != nil {
		return nil, nil, err
	}
	batches, err := data.NewBatches(set, data.BatchConfig{Size: batch, Shuffle: c.OverfitBatches == 0, Seed: c.Seed,
		Last: c.Last})
	if err != nil {
		return nil, nil, err
	}
	l := &Loop{Model: model, Loss: loss, Source: batches, Epochs: epochs, FastDevRun: c.FastDevRun,
		OverfitBatches: c.OverfitBatches, Hooks: c.Hooks, Options: c.Options}
	l.Optimizer, err = optim.NewAdamW(nn.Trained(model.Params()), optim.CosineAnnealing(rate, l.TotalSteps(), 0),
		optim.Adam{WeightDecay: c.WeightDecay})
	if err != nil || c.Validation == nil {
		return l, nil, err
	}
	keep := &KeepBest{Params: model.Params(), Metric: "val_loss", Lower: true}
	l.Evaluator = &SetEvaluator{Model: model, Loss: loss, Set: c.Validation, Options: c.Options}
	l.Hooks = append([]Hook{keep}, c.Hooks...)
	if c.Patience > 0 {
		l.Hooks = append(l.Hooks, &EarlyStop{Metric: "val_loss", Lower: true, Patience: c.Patience})
	}
	return l, keep, nil
}

// weigh returns the loss and the set with the weights of c.
func (c FitConfig) weigh(loss losses.Loss, set *data.Set) (losses.Loss, *data.Set, error) {
	if c.SampleWeights != nil {
		var err error
		if set, err = set.WithWeights(c.SampleWeights); err != nil {
			return nil, nil, err
		}
	}
	if c.ClassWeights == nil {
		return loss, set, nil
	}
	entropy, ok := loss.(losses.CrossEntropy)
	if !ok {
		return nil, nil, errors.Errorf("ClassWeights for the loss %T, want them nil, or a losses.CrossEntropy", loss)
	}
	entropy.ClassWeights = c.ClassWeights
	return entropy, set, nil
}

// orDefault returns v, or def for 0.
func orDefault[T int | float64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}
