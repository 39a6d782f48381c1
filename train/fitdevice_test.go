//go:build whitebox_cuda && linux && (amd64 || arm64)

package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

// TestFitAndPredictOnADevice trains on a device and on the host, with weights, short batches, a validation set and
// patience, and compares what is predicted.
func TestFitAndPredictOnADevice(t *testing.T) {
	fake.Use(t)
	dev := open(t)
	defer func() { require.NoError(t, dev.Close()) }()
	for dt, tol := range map[tensor.Dtype]float64{tensor.Float32: 2e-3, tensor.Float64: 1e-9} {
		set, test, _ := irises(t, dt)
		weights := make([]float64, set.Len())
		for i := range weights {
			weights[i] = 1 + float64(i%2)
		}
		for name, c := range map[string]struct {
			loss losses.Loss
			cfg  train.FitConfig
		}{
			"cross-entropy": {losses.CrossEntropy{}, train.FitConfig{Epochs: 20, LearningRate: 0.03, Batch: 40,
				Last: data.ShortLast, ClassWeights: []float64{1, 2, 1}, SampleWeights: weights, Validation: test,
				Patience: 3}},
			"MCR2": {losses.MCR2{Classes: 3}, train.FitConfig{Epochs: 20, LearningRate: 0.01, Last: data.ShortLast,
				Batch: 60}},
			"dev run": {losses.CrossEntropy{}, train.FitConfig{FastDevRun: true, Validation: test}},
			"overfit": {losses.CrossEntropy{}, train.FitConfig{OverfitBatches: 2, Batch: 10, Epochs: 10}},
		} {
			fit := func(o nn.Options) (*train.Fitted, layers.Layer) {
				model := must(models.NewMLP(models.MLPConfig{Dims: []int{4, 16, 3}, Dtype: dt, Seed: 1,
					Normalize: name == "MCR2"}))
				c.cfg.Options = o
				return must(train.Fit(t.Context(), model, c.loss, set, c.cfg)), model
			}
			host, hostModel := fit(nn.Options{})
			there, model := fit(nn.Options{Device: dev})
			z := must(train.Features(t.Context(), model, test))
			want := must(train.Features(t.Context(), hostModel, test))
			require.True(t, mat.EqualApprox(want, z, tol), "%s %v", name, dt)
			require.True(t, mat.EqualApprox(must(train.PredictProba(t.Context(), hostModel, test)),
				must(train.PredictProba(t.Context(), model, test)), tol), name)
			require.Equal(t, must(train.Predict(t.Context(), hostModel, test)),
				must(train.Predict(t.Context(), model, test)), name)
			require.Equal(t, must(host.Predict(t.Context(), test)), must(there.Predict(t.Context(), test)), name)
			require.InDelta(t, must(host.Score(t.Context(), test)), must(there.Score(t.Context(), test)), 0)

			p := must(train.NewPredictor(train.Output(model), dt, 7, test.Shape(), nn.Options{Device: dev}))
			all := must(p.Collect(t.Context(), test))
			require.True(t, mat.EqualApprox(z, all[0], tol), "a Predictor on the device")
			require.NoError(t, p.Close())
		}
	}
}
