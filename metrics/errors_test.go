package metrics_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
)

// TestBadInput shows that what makes no sense is an error that says what.
func TestBadInput(t *testing.T) {
	z := mat.NewDense(4, 3, []float64{1, 0, 0, 2, 1, 0, 0, 0, 1, 0, 1, 3})
	nan := mat.DenseCopyOf(z)
	nan.Set(1, 2, math.NaN())
	y := []int{0, 0, 1, 1}
	narrow := mat.NewDense(1, 2, nil)
	fit := func(c interface {
		Predict(*mat.Dense) ([]int, error)
	}, err error) error {
		if err == nil {
			_, err = c.Predict(narrow)
		}
		return err
	}
	subspaces := func(dim int, centered bool, z *mat.Dense, y []int, k int) error {
		s, err := metrics.NearestSubspace{Dim: dim, Centered: centered}.Fit(z, y, k)
		return fit(s, err)
	}
	knn := func(near int, z *mat.Dense, y []int) error {
		c, err := metrics.KNN{K: near}.Fit(z, y, 2)
		return fit(c, err)
	}
	probe := func(ridge float64, z *mat.Dense) error {
		c, err := metrics.Probe{Ridge: ridge}.Fit(z, y, 2)
		return fit(c, err)
	}
	second := func(_ any, err error) error { return err }

	for want, err := range map[string]error{
		"0 predictions for 0 labels":             second(metrics.Accuracy(nil, nil)),
		"3 predictions for 4 labels":             second(metrics.Accuracy(y[:3], y)),
		"confusion: label 1 of sample 2":         second(metrics.Confusion(y, y, 1)),
		"argmax: no features":                    second(metrics.Argmax(nil)),
		"feature 2 of sample 1 is NaN":           second(metrics.Spectrum(nan, false)),
		"class spectra: class 2 has 0 samples":   second(metrics.ClassSpectra(z, y, 3, true)),
		"class ranks: class spectra: 0 classes":  second(metrics.ClassRanks(z, y, 0, 0)),
		"energy 2, want it in (0, 1]":            second(metrics.Rank([]float64{1}, 2)),
		"singular value 1 is 2":                  second(metrics.Rank([]float64{1, 2}, 0)),
		"affinity: 3 labels for 4 samples":       second(metrics.Affinity(z, y[:3], 2, 0)),
		"all features of class 0 are 0":          second(metrics.Affinity(mat.NewDense(4, 3, nil), y, 2, 0)),
		"off the diagonal of a 1×1":              second(metrics.MeanOffDiagonal(mat.NewSymDense(1, nil))),
		"Dim is 3 for 3 features":                subspaces(3, false, z, y, 2),
		"1 feature, want at least 2":             subspaces(1, false, mat.NewDense(4, 1, nil), y, 2),
		"class 0 has 1 samples, want at least 2": subspaces(1, true, z, []int{0, 1, 1, 1}, 2),
		"predict: 2 features, fitted to 3":       subspaces(1, false, z, y, 2),
		"5 neighbours of 4 samples":              knn(0, z, y),
		"-1 neighbours":                          knn(-1, z, y),
		"kNN: predict: 2 features, fitted to 3":  knn(2, z, y),
		"kNN: 2 labels for 4":                    knn(2, z, y[:2]),
		"ridge -1, want it above 0":              probe(-1, z),
		"all samples are equal":                  probe(0, mat.NewDense(4, 3, nil)),
		"linear probe: 2 features, fitted to 3":  probe(0, z),
		"cosine map: label 1":                    mapped(metrics.CosineMap(z, y, 1)),
		"6 pairs within classes and 0 between":   means(metrics.MeanAbsCosine(z, []int{0, 0, 0, 0}, 1)),
		"neural collapse of one class":           second(metrics.NeuralCollapse(z, []int{0, 0, 0, 0}, 1, nil, nil)),
		"a head of 4×3 with 0 biases, want 2×3":  second(metrics.NeuralCollapse(z, y, 2, z, nil)),
		"all class means are equal": second(metrics.NeuralCollapse(mat.NewDense(4, 3, nil), y, 2, nil,
			nil)),
		"all weights of the head are 0": second(metrics.NeuralCollapse(z, y, 2, mat.NewDense(2, 3, nil), nil)),
	} {
		require.ErrorIs(t, err, metrics.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}

func means(_, _ float64, err error) error { return err }

func mapped(_ *mat.SymDense, _ []int, err error) error { return err }
