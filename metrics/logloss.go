package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// LogLoss returns the mean cross-entropy of the softmax of each row of an n×k
// matrix of scores, in nats:
//
//	(1/n) Σᵢ (log Σⱼ exp sᵢⱼ − sᵢ,yᵢ)
func LogLoss(scores *mat.Dense, labels []int) (float64, error) {
	if err := checkFeatures(scores); err != nil {
		return 0, errors.WithMessage(err, "log loss")
	}
	n, k := scores.Dims()
	if err := checkLabels(labels, n, k); err != nil {
		return 0, errors.WithMessage(err, "log loss")
	}
	total := 0.0
	for i, y := range labels {
		row := scores.RawRowView(i)
		top, sum := row[argmax(row)], 0.0
		for _, s := range row {
			sum += math.Exp(s - top)
		}
		total += math.Log(sum) + top - row[y]
	}
	return total / float64(n), nil
}
