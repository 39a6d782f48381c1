package train

import (
	"context"
	"math"

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
	Epochs       int     // 0 is 100
	Batch        int     // samples; 0 is 256, or all if there are fewer. What is left of an epoch waits for another
	LearningRate float64 // at first; 0 is 0.001
	WeightDecay  float64 // decoupled, as in AdamW
	Seed         uint64  // of the order of samples

	// Validation, unless it is nil, is measured after each epoch (SetEvaluator), and the model ends with the
	// parameters of the least val_loss. Patience epochs without a lesser one end the training; 0 is never.
	Validation *data.Set
	Patience   int

	OverfitBatches int  // train on the first so many batches alone: a model that cannot learn these has a fault
	FastDevRun     bool // one batch and one evaluation: does everything fit together?

	Hooks   []Hook // logs, progress, checkpoints
	Options nn.Options
}

// Fit trains a model on a set. It is a Loop with settings that suit small sets; make a Loop for other
// optimizers, schedules, augmentation, or to resume. Parameters that are frozen stay.
//
// What was trained under losses.CrossEntropy predicts by its largest output, the first of equals; what was
// trained otherwise on classes, as under losses.MCR2, by the nearest of the subspaces of ⌊d/k⌋ dimensions, at
// least 1, in which the d outputs for the k classes of the training set lie.
func Fit(ctx context.Context, model layers.Layer, loss losses.Loss, set *data.Set, cfg FitConfig) (_ *Fitted,
	err error) {
	l, keep, err := cfg.loop(model, loss, set)
	if err != nil {
		return nil, errors.WithMessage(err, "train: fit")
	}
	defer func() {
		if e := l.Close(); err == nil {
			err = e
		}
	}()
	if err := l.Run(ctx); err != nil {
		return nil, err
	}
	if keep != nil {
		if err := keep.restore(); err != nil {
			return nil, err
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

// A Fitted is a trained model with what makes classes of its outputs.
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

// loop returns the training, and what keeps the best parameters.
func (c FitConfig) loop(model layers.Layer, loss losses.Loss, set *data.Set) (*Loop, *keepBest, error) {
	if isNil(model) || isNil(loss) || set == nil || set.Len() == 0 {
		return nil, nil, errors.New("want a model, a loss and a set of samples")
	}
	if c.Epochs < 0 || c.Batch < 0 || c.Patience < 0 || c.OverfitBatches < 0 || !(c.LearningRate >= 0) {
		return nil, nil, errors.Errorf("Epochs %d, Batch %d, Patience %d, OverfitBatches %d, LearningRate %v, "+
			"want 0 for the default, or above", c.Epochs, c.Batch, c.Patience, c.OverfitBatches, c.LearningRate)
	}
	epochs, batch, rate := orDefault(c.Epochs, 100), orDefault(c.Batch, min(256, set.Len())),
		orDefault(c.LearningRate, 0.001)
	shuffle := true
	if c.OverfitBatches > 0 {
		few := make([]int, min(set.Len(), c.OverfitBatches*batch))
		for i := range few {
			few[i] = i
		}
		var err error
		if set, err = set.Subset(few); err != nil {
			return nil, nil, err
		}
		shuffle = false
	}
	batches, err := data.NewBatches(set, data.BatchConfig{Size: batch, Shuffle: shuffle, Seed: c.Seed})
	if err != nil {
		return nil, nil, err
	}
	steps := epochs * batches.Batches()
	if c.FastDevRun {
		steps = 1
	}
	adam, err := optim.NewAdamW(nn.Trained(model.Params()), optim.CosineAnnealing(rate, steps, 0),
		optim.Adam{WeightDecay: c.WeightDecay})
	if err != nil {
		return nil, nil, err
	}
	l := &Loop{Model: model, Loss: loss, Optimizer: adam, Source: batches, Steps: steps, Hooks: c.Hooks,
		Options: c.Options}
	if c.Validation == nil {
		return l, nil, nil
	}
	keep := &keepBest{params: model.Params(), patience: c.Patience, least: math.Inf(1)}
	l.Evaluator = &SetEvaluator{Model: model, Loss: loss, Set: c.Validation, Options: c.Options}
	l.Hooks = append([]Hook{keep}, c.Hooks...)
	return l, keep, nil
}

// orDefault returns v, or def for 0.
func orDefault[T int | float64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// keepBest is a Hook that keeps the parameters of the least val_loss.
type keepBest struct {
	params   []*nn.Param
	patience int
	least    float64
	since    int // evaluations without a lesser one
	kept     [][]float64
}

// Step implements Hook.
func (k *keepBest) Step(e *Event) error {
	v, ok := e.Metric("val_loss")
	if e.Eval == nil || !ok {
		return nil
	}
	if v >= k.least {
		if k.since++; k.patience > 0 && k.since >= k.patience {
			return ErrStop
		}
		return nil
	}
	k.least, k.since, k.kept = v, 0, k.kept[:0]
	for _, p := range k.params {
		values, err := nn.Floats(nil, p.Value)
		if err != nil {
			return err
		}
		k.kept = append(k.kept, values)
	}
	return nil
}

// restore puts the best parameters in place.
func (k *keepBest) restore() error {
	for i, values := range k.kept {
		if err := nn.SetFloats(k.params[i].Value, values); err != nil {
			return err
		}
	}
	nn.Changed(k.params)
	return nil
}
