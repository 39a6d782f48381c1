package compare

import (
	"context"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/train"
)

// A result is what is measured of a trained model. The rates and the geometry are
// those of the training features, with the labels that were trained on.
type result struct {
	Steps                   int       `json:"steps"`
	Seconds                 float64   `json:"seconds"`
	R                       float64   `json:"R"`
	Rc                      float64   `json:"Rc"`
	DeltaR                  float64   `json:"delta_R"`
	TrainAccuracy           float64   `json:"train_accuracy"`
	TestAccuracy            float64   `json:"test_accuracy"`
	NearestSubspaceAccuracy float64   `json:"nearest_subspace_accuracy"`
	KNNAccuracy             float64   `json:"knn_accuracy"`
	ClassRank95             []int     `json:"class_rank_95"`
	MeanAbsCosineWithin     float64   `json:"mean_abs_cosine_within_classes"`
	MeanAbsCosineBetween    float64   `json:"mean_abs_cosine_between_classes"`
	NC1                     float64   `json:"nc1"`
	NoiseAccuracy           []float64 `json:"noise_accuracy,omitempty"` // on the test set, for each of -noises

	task    *task
	log     string // of the training
	planned int    // steps, of which -for may have let it take fewer
	train   features
}

// mostSamples is the most samples whose pairs are compared, which takes time by
// the square, and the most of an evaluation while a model trains; mostImages is that
// for networks of convolutions. mostMapped is the most in a cosine map, which takes
// memory by the square.
const (
	mostSamples = 10000
	mostImages  = 1000
	mostMapped  = 1500
)

// features are what a model makes of a set.
type features struct {
	z, logits *mat.Dense // logits are nil without a head
	labels    []int
	classes   int
}

// featuresOf runs the model over a set.
func featuresOf(ctx context.Context, c *train.Predictor, set *data.Set) (features, error) {
	out, err := c.Collect(ctx, set)
	if err != nil {
		return features{}, err
	}
	f := features{z: out[0], labels: set.Labels(), classes: set.Classes()}
	if len(out) > 1 {
		f.logits = out[1]
	}
	return f, nil
}

// firstOf returns the set of the first n samples, or all if there are fewer.
func firstOf(set *data.Set, n int) (*data.Set, error) {
	indices := make([]int, min(n, set.Len()))
	for i := range indices {
		indices[i] = i
	}
	return set.Subset(indices)
}

// first returns the first n samples, or all if there are fewer.
func (f features) first(n int) features {
	rows, d := f.z.Dims()
	n = min(n, rows)
	f.z, f.labels = f.z.Slice(0, n, 0, d).(*mat.Dense), f.labels[:n]
	return f
}

// rates returns R, Rᶜ and ΔR of the features.
func (f features) rates(eps2 float64) (whole, parts, reduction float64, err error) {
	if whole, err = coding.Rate(f.z, eps2); err != nil {
		return 0, 0, 0, err
	}
	parts, err = coding.ClassRate(f.z, f.labels, f.classes, eps2)
	return whole, parts, whole - parts, err
}

// lossOf returns the objective of the features: that which is trained.
func (t *task) lossOf(f features, parts float64) (float64, error) {
	if t.head {
		return metrics.LogLoss(f.logits, f.labels)
	}
	expand, err := coding.Rate(f.z, t.cfg.Eps2/t.cfg.Gamma1)
	return parts - t.cfg.Gamma2*expand, err
}

// accuracies classifies the samples of both sets: by the head if there is one,
// else by the nearest of the subspaces of the training classes, whose accuracy on
// the test set is returned in any case.
func (t *task) accuracies(fit, test features) (onTrain, onTest, bySubspace float64, err error) {
	subspaces, err := metrics.NearestSubspace{Dim: max(1, t.cfg.Dim/fit.classes)}.Fit(fit.z, fit.labels, fit.classes)
	if err != nil {
		return 0, 0, 0, err
	}
	if bySubspace, err = metrics.Score(subspaces, test.z, test.labels); err != nil {
		return 0, 0, 0, err
	}
	if !t.head {
		onTrain, err = metrics.Score(subspaces, fit.z, fit.labels)
		return onTrain, bySubspace, bySubspace, err
	}
	if onTrain, err = fit.byHead(); err != nil {
		return 0, 0, 0, err
	}
	onTest, err = test.byHead()
	return onTrain, onTest, bySubspace, err
}

// byHead returns the accuracy of the largest logit.
func (f features) byHead() (float64, error) {
	y, err := metrics.Argmax(f.logits)
	if err != nil {
		return 0, err
	}
	return metrics.Accuracy(y, f.labels)
}

// An evaluator measures a model while it trains.
type evaluator struct {
	*task
	c         *train.Predictor
	fit, test *data.Set // some of the training samples, and of the test samples
}

// Evaluate implements train.Evaluator.
func (e *evaluator) Evaluate(ctx context.Context) ([]train.Metric, error) {
	fit, err := featuresOf(ctx, e.c, e.fit)
	if err != nil {
		return nil, err
	}
	test, err := featuresOf(ctx, e.c, e.test)
	if err != nil {
		return nil, err
	}
	whole, parts, reduction, err := test.rates(e.cfg.Eps2)
	if err != nil {
		return nil, err
	}
	loss, err := e.lossOf(test, parts)
	if err != nil {
		return nil, err
	}
	onTrain, onTest, bySubspace, err := e.accuracies(fit, test)
	return []train.Metric{
		{Name: "loss", Value: loss}, {Name: "R", Value: whole}, {Name: "Rc", Value: parts},
		{Name: "delta_R", Value: reduction},
		{Name: "accuracy", Value: onTest}, {Name: "train_accuracy", Value: onTrain}, {Name: "nearest_subspace_accuracy",
			Value: bySubspace},
	}, err
}

// measure fills a result for the trained model.
func (t *task) measure(ctx context.Context, c *train.Predictor) (*result, error) {
	fit, err := featuresOf(ctx, c, t.train)
	if err != nil {
		return nil, err
	}
	test, err := featuresOf(ctx, c, t.test)
	if err != nil {
		return nil, err
	}
	r := &result{task: t, train: fit}
	if r.R, r.Rc, r.DeltaR, err = fit.rates(t.cfg.Eps2); err != nil {
		return nil, err
	}
	if r.TrainAccuracy, r.TestAccuracy, r.NearestSubspaceAccuracy, err = t.accuracies(fit, test); err != nil {
		return nil, err
	}
	neighbours, err := metrics.KNN{}.Fit(fit.z, fit.labels, fit.classes)
	if err != nil {
		return nil, err
	}
	if r.KNNAccuracy, err = metrics.Score(neighbours, test.z, test.labels); err != nil {
		return nil, err
	}
	return r, errors.WithMessage(r.geometry(fit), "geometry")
}

// geometry measures the shape of the classes.
func (r *result) geometry(f features) (err error) {
	if r.ClassRank95, err = metrics.ClassRanks(f.z, f.labels, f.classes, 0); err != nil {
		return err
	}
	few := f.first(mostSamples)
	if r.MeanAbsCosineWithin, r.MeanAbsCosineBetween, err = metrics.MeanAbsCosine(few.z, few.labels,
		few.classes); err != nil {
		return err
	}
	collapse, err := metrics.NeuralCollapse(f.z, f.labels, f.classes, nil, nil)
	if err != nil {
		return err
	}
	r.NC1 = collapse.NC1
	return nil
}
