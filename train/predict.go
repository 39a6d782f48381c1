package train

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
)

// predictBatch is how many samples a network sees at once in a prediction.
const predictBatch = 256

// Features returns what a model makes of each sample of a set, by batches: n×d, a sample a row. It
// compiles the model each time; a Predictor compiles it once, also for a device.
func Features(ctx context.Context, model layers.Layer, set *data.Set) (z *mat.Dense, err error) {
	if isNil(model) || set == nil || set.Len() == 0 {
		return nil, errors.New("train: predict: want a model and a set of samples")
	}
	dt := tensor.Float32
	if params := model.Params(); len(params) > 0 && params[0] != nil && params[0].Value != nil {
		dt = params[0].Value.Dtype()
	}
	p, err := NewPredictor(Output(model), dt, min(predictBatch, set.Len()), set.Shape(), nn.Options{})
	if err != nil {
		return nil, errors.WithMessage(err, "train: predict")
	}
	defer func() {
		if e := p.Close(); err == nil {
			err = e
		}
	}()
	all, err := p.Collect(ctx, set)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Predict returns the class of each sample: that of the largest output of the model, the first
// of equals.
func Predict(ctx context.Context, model layers.Layer, set *data.Set) ([]int, error) {
	z, err := Features(ctx, model, set)
	if err != nil {
		return nil, err
	}
	return metrics.Argmax(z)
}

// PredictProba returns the probability of each class for each sample, n×k: the softmax of the
// outputs of a model that was trained under cross-entropy. A row sums to 1.
func PredictProba(ctx context.Context, model layers.Layer, set *data.Set) (*mat.Dense, error) {
	z, err := Features(ctx, model, set)
	if err != nil {
		return nil, err
	}
	n, _ := z.Dims()
	for i := range n {
		softmax(z.RawRowView(i))
	}
	return z, nil
}

// softmax replaces logits by probabilities.
func softmax(row []float64) {
	most, sum := math.Inf(-1), 0.0
	for _, v := range row {
		most = max(most, v)
	}
	for i, v := range row {
		row[i] = math.Exp(v - most)
		sum += row[i]
	}
	for i := range row {
		row[i] /= sum
	}
}
