package metrics

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Accuracy returns the fraction of predictions that equal their label.
func Accuracy(predicted, labels []int) (float64, error) {
	if len(labels) == 0 || len(predicted) != len(labels) {
		return 0, errors.Wrapf(ErrInput, "accuracy: %d predictions for %d labels", len(predicted), len(labels))
	}
	right := 0
	for i, y := range labels {
		if predicted[i] == y {
			right++
		}
	}
	return float64(right) / float64(len(labels)), nil
}

// Confusion returns the k×k table of counts: entry [i][j] is the number of
// samples of class i that were predicted to be of class j.
func Confusion(predicted, labels []int, k int) ([][]int, error) {
	for _, y := range [][]int{predicted, labels} {
		if err := checkLabels(y, len(labels), k); err != nil {
			return nil, errors.WithMessage(err, "confusion")
		}
	}
	if err := sizes.Check("confusion: a table", k, k); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	table := make([][]int, k)
	for i := range table {
		table[i] = make([]int, k)
	}
	for i, y := range labels {
		table[y][predicted[i]]++
	}
	return table, nil
}

// Argmax returns the class of the largest score in each row of an n×k matrix.
func Argmax(scores *mat.Dense) ([]int, error) {
	if err := checkFeatures(scores); err != nil {
		return nil, errors.WithMessage(err, "argmax")
	}
	n, _ := scores.Dims()
	y := make([]int, n)
	for i := range y {
		y[i] = argmax(scores.RawRowView(i))
	}
	return y, nil
}

// argmax returns the index of the first of the largest elements.
func argmax(x []float64) int {
	best := 0
	for j, v := range x {
		if v > x[best] {
			best = j
		}
	}
	return best
}

// A Classifier predicts classes from features of the width that it was fitted to.
type Classifier interface {
	// Predict returns a class for each row of z.
	Predict(z *mat.Dense) ([]int, error)
}

// Score returns the accuracy of c on labelled features.
func Score(c Classifier, z *mat.Dense, labels []int) (float64, error) {
	if given.Nil(c) {
		return 0, errors.Wrap(ErrInput, "score of no classifier")
	}
	y, err := c.Predict(z)
	if err != nil {
		return 0, err
	}
	return Accuracy(y, labels)
}

// checkWidth reports features that a classifier of width d cannot predict from.
func checkWidth(z *mat.Dense, d int) error {
	if err := checkFeatures(z); err != nil {
		return err
	}
	if _, got := z.Dims(); got != d {
		return errors.Wrapf(ErrInput, "%d features, fitted to %d: want samples of the same features", got, d)
	}
	return nil
}
