package train_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/train"
)

// irises returns the standardised irises and a linear classifier of them.
func irises(t *testing.T, dt tensor.Dtype) (set, test *data.Set, model layers.Layer) {
	set, test, err := data.Iris()
	require.NoError(t, err)
	prepare, err := data.Fit(set, data.Standardize{})
	require.NoError(t, err)
	set, test = must(prepare.Apply(set)), must(prepare.Apply(test))
	return set, test, must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 4, Out: 3, Dtype: dt}))
}

func TestFitAndPredict(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		set, test, model := irises(t, dt)
		must(train.Fit(t.Context(), model, losses.CrossEntropy{}, set,
			train.FitConfig{LearningRate: 0.1}))
		y := must(train.Predict(t.Context(), model, test))
		require.GreaterOrEqual(t, must(metrics.Accuracy(y, test.Labels())), 0.95)

		z, p := must(train.Features(t.Context(), model, test)), must(train.PredictProba(t.Context(), model, test))
		n, k := p.Dims()
		for i := range n {
			require.InDelta(t, 1, mat.Sum(p.RowView(i)), 1e-12)
			for j := range k { // the odds of two classes are exp of the difference of logits
				require.InEpsilon(t, math.Exp(z.At(i, j)-z.At(i, y[i])), p.At(i, j)/p.At(i, y[i]), 1e-9)
			}
		}
		e := &train.SetEvaluator{Model: model, Loss: losses.CrossEntropy{}, Set: test,
			Metrics: map[string]func(*mat.Dense, *data.Set) (float64, error){
				"log_loss": func(z *mat.Dense, s *data.Set) (float64, error) { return metrics.LogLoss(z, s.Labels()) }}}
		ms := must(e.Evaluate(t.Context()))
		require.Len(t, ms, 3)
		require.Equal(t, train.Metric{Name: "accuracy", Value: must(metrics.Accuracy(y, test.Labels()))}, ms[1])
		require.InDelta(t, ms[2].Value, ms[0].Value, 1e-6, "the loss of the graph, and of the matrix")
		require.NoError(t, e.Close())
	}
}

// Under MCR² classes are subspaces, which the nearest of is predicted.
func TestFitUnderMCR2PredictsBySubspaces(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		set, test, _ := irises(t, dt)
		model := must(models.NewMLP(models.MLPConfig{Dims: []int{4, 32, 6}, Normalize: true, Dtype: dt}))
		cfg := train.FitConfig{Epochs: 200, LearningRate: 0.01}
		fitted := must(train.Fit(t.Context(), model, losses.MCR2{Classes: 3}, set, cfg))
		require.GreaterOrEqual(t, must(fitted.Score(t.Context(), test)), 0.9)
		subspaces := must(metrics.NearestSubspace{Dim: 2}.Fit(must(train.Features(t.Context(), model, set)),
			set.Labels(), 3))
		want := must(metrics.Score(subspaces, must(train.Features(t.Context(), model, test)), test.Labels()))
		require.Equal(t, want, must(fitted.Score(t.Context(), test)))
	}
}

// A batch of logits beyond exp's range, and a set larger than a batch of the prediction.
func TestPredictsInBatches(t *testing.T) {
	x, labels := make([]float64, 2*700), make([]int, 700)
	for i := range labels {
		x[2*i], x[2*i+1], labels[i] = float64(i%7)*1000, float64(i%5)*1000, 0
	}
	set := must(data.New(x, 1, []int{2}, labels, 1))
	p := must(train.PredictProba(t.Context(), layers.Flatten{}, set))
	y := must(train.Predict(t.Context(), layers.Flatten{}, set))
	require.Len(t, y, 700)
	for i, c := range y {
		want := 0
		if i%5 > i%7 {
			want = 1
		}
		require.Equal(t, want, c, i)
		require.InDelta(t, 1, p.At(i, 0)+p.At(i, 1), 1e-15)
	}
}

func TestFitEndsWithItsBest(t *testing.T) {
	set, test, model := irises(t, tensor.Float64)
	var least = math.Inf(1)
	watch := train.HookFunc(func(e *train.Event) error {
		v, _ := e.Metric("val_loss")
		if e.Eval != nil {
			least = min(least, v)
		}
		return nil
	})
	cfg := train.FitConfig{LearningRate: 3, Batch: 10, Epochs: 30, Validation: test, Patience: 5,
		Hooks: []train.Hook{watch}}
	must(train.Fit(t.Context(), model, losses.CrossEntropy{}, set, cfg))
	e := &train.SetEvaluator{Model: model, Loss: losses.CrossEntropy{}, Set: test}
	require.InDelta(t, least, must(e.Evaluate(t.Context()))[0].Value, 1e-12)
}

func TestFitRunsShort(t *testing.T) {
	set, test, model := irises(t, tensor.Float32)
	steps := 0
	count := train.HookFunc(func(e *train.Event) error { steps = e.Step; return nil })
	must(train.Fit(t.Context(), model, losses.CrossEntropy{}, set,
		train.FitConfig{FastDevRun: true, Validation: test, Hooks: []train.Hook{count}}))
	require.Equal(t, 1, steps)
	must(train.Fit(t.Context(), model, losses.CrossEntropy{}, set, train.FitConfig{
		OverfitBatches: 2, Batch: 4, Epochs: 200, LearningRate: 0.1, Hooks: []train.Hook{count}}))
	require.Equal(t, 400, steps)
	few := must(set.Subset([]int{0, 1, 2, 3, 4, 5, 6, 7}))
	require.Equal(t, few.Labels(), must(train.Predict(t.Context(), model, few)))
}

func TestFitSaysWhatIsMissing(t *testing.T) {
	set, _, model := irises(t, tensor.Float32)
	for want, fit := range map[string]func() (*train.Fitted, error){
		"want a model, a loss": func() (*train.Fitted, error) {
			return train.Fit(t.Context(), nil, losses.CrossEntropy{}, set, train.FitConfig{})
		},
		"want a model, a": func() (*train.Fitted, error) {
			return train.Fit(t.Context(), model, nil, set, train.FitConfig{})
		},
		"want a model": func() (*train.Fitted, error) {
			return train.Fit(t.Context(), model, losses.CrossEntropy{}, nil, train.FitConfig{})
		},
		"LearningRate NaN": func() (*train.Fitted, error) {
			return train.Fit(t.Context(), model, losses.CrossEntropy{}, set, train.FitConfig{LearningRate: math.NaN()})
		},
	} {
		_, err := fit()
		require.ErrorContains(t, err, want)
	}
	_, err := train.Predict(t.Context(), model, nil)
	require.ErrorContains(t, err, "a set of samples")
	_, err = (&train.SetEvaluator{}).Evaluate(t.Context())
	require.ErrorContains(t, err, "want a Model")
}

// FitConfig's weights: those of classes are those of their samples.
func TestFitWeighs(t *testing.T) {
	for dt, tol := range map[tensor.Dtype]float64{tensor.Float32: 1e-4, tensor.Float64: 1e-10} {
		set, test, _ := irises(t, dt)
		fit := func(cfg train.FitConfig) *mat.Dense {
			_, _, model := irises(t, dt)
			cfg.Epochs, cfg.LearningRate, cfg.Batch, cfg.Last = 10, 0.05, 32, data.ShortLast
			cfg.Validation = test
			must(train.Fit(t.Context(), model, losses.CrossEntropy{}, set, cfg))
			return must(train.Features(t.Context(), model, test))
		}
		of := []float64{1, 3, 0.5}
		var each []float64
		for _, y := range set.Labels() {
			each = append(each, of[y])
		}
		classes, samples := fit(train.FitConfig{ClassWeights: of}), fit(train.FitConfig{SampleWeights: each})
		require.True(t, mat.EqualApprox(classes, samples, tol))
		require.False(t, mat.EqualApprox(fit(train.FitConfig{}), samples, 0.01))
	}
	set, _, model := irises(t, tensor.Float32)
	for want, c := range map[string]struct {
		loss losses.Loss
		cfg  train.FitConfig
	}{
		"ClassWeights for the loss losses.MCR2, want them nil": {losses.MCR2{Classes: 3},
			train.FitConfig{ClassWeights: []float64{1, 2, 3}}},
		"2 ClassWeights for 3 classes": {losses.CrossEntropy{}, train.FitConfig{ClassWeights: []float64{1, 2}}},
		"1 weights for":                {losses.CrossEntropy{}, train.FitConfig{SampleWeights: []float64{1}}},
		"the samples have weights: the loss losses.MCR2 cannot take": {losses.MCR2{Classes: 3},
			train.FitConfig{SampleWeights: ones(set.Len())}},
		"Last is LastBatch(9)": {losses.CrossEntropy{}, train.FitConfig{Last: 9}},
	} {
		_, err := train.Fit(t.Context(), model, c.loss, set, c.cfg)
		require.ErrorContains(t, err, want)
	}
}

func ones(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}
