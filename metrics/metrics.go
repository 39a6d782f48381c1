// Package metrics measures features and predictions, by functions of matrices and labels that do not depend on
// networks.
//
// # Conventions
//
// Features are n×d matrices with a sample a row. Labels are classes 0, …, k−1,
// one for each row. Fractions are in [0, 1]. Among equals the lowest class wins,
// so that the same input gives the same answer. Nothing writes to its input.
//
// # Errors
//
// Shapes that do not fit, labels out of range, numbers that are not finite and
// classes with too few samples are errors that wrap ErrInput.
package metrics

import (
	stderrors "errors"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// ErrInput reports features, labels or settings that are invalid or contradict each other. Test for it with
// errors.Is.
var ErrInput = stderrors.New("metrics: bad input")

// checkFeatures reports an empty matrix or one with a number that is not finite.
func checkFeatures(z *mat.Dense) error {
	return matrix.CheckSamples(ErrInput, "features", z)
}

// scaled returns z, or z·2⁻ᵉ where the squares of its numbers would be out of range, and e.
func scaled(z *mat.Dense) (*mat.Dense, int) {
	most := largest(z)
	if most == 0 || most >= 0x1p-400 && most <= 0x1p400 {
		return z, 0
	}
	_, e := math.Frexp(most)
	return timesPower(z, -e), e
}

// largest returns max |zᵢⱼ|.
func largest(z *mat.Dense) (most float64) {
	for i := range z.RawMatrix().Rows {
		most = max(most, simd.MaxAbs(z.RawRowView(i)))
	}
	return most
}

// timesPower returns z·2ᵉ.
func timesPower(z *mat.Dense, e int) *mat.Dense {
	if e == 0 {
		return z
	}
	var s mat.Dense
	s.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, e) }, z)
	return &s
}

// checkLabels reports labels that are not one of k classes for each of n samples.
func checkLabels(labels []int, n, k int) error {
	if err := sizes.CheckClasses(k); err != nil {
		return errors.Wrap(ErrInput, err.Error())
	}
	switch {
	case k < 1:
		return errors.Wrapf(ErrInput, "%d classes, want at least 1", k)
	case len(labels) != n:
		return errors.Wrapf(ErrInput, "%d labels for %d samples, want as many", len(labels), n)
	}
	for i, y := range labels {
		if y < 0 || y >= k {
			return errors.Wrapf(ErrInput, "label %d of sample %d, want it in 0, …, %d", y, i, k-1)
		}
	}
	return nil
}

// check reports what is wrong with labelled features.
func check(z *mat.Dense, labels []int, k int) error {
	if err := checkFeatures(z); err != nil {
		return err
	}
	n, _ := z.Dims()
	return checkLabels(labels, n, k)
}

// byClass returns the rows of each class, in their order. Errors: as check, and
// a class with fewer than least samples.
func byClass(z *mat.Dense, labels []int, k, least int) ([]*mat.Dense, error) {
	if err := check(z, labels, k); err != nil {
		return nil, err
	}
	counts := make([]int, k)
	for _, y := range labels {
		counts[y]++
	}
	_, d := z.Dims()
	classes := make([]*mat.Dense, k)
	for j, n := range counts {
		if n < least {
			return nil, errors.Wrapf(ErrInput, "class %d has %d samples, want at least %d", j, n, least)
		}
		if n > 0 {
			classes[j] = mat.NewDense(n, d, nil)
		}
		counts[j] = 0
	}
	for i, y := range labels {
		classes[y].SetRow(counts[y], z.RawRowView(i))
		counts[y]++
	}
	return classes, nil
}

// mean returns the mean row of z.
func mean(z *mat.Dense) []float64 {
	n, d := z.Dims()
	mu := make([]float64, d)
	for i := range n {
		for j, v := range z.RawRowView(i) {
			mu[j] += v
		}
	}
	for j := range mu {
		mu[j] /= float64(n)
	}
	return mu
}

// minus returns z with mu subtracted from every row.
func minus(z *mat.Dense, mu []float64) *mat.Dense {
	n, _ := z.Dims()
	c := mat.DenseCopyOf(z)
	for i := range n {
		for j := range mu {
			c.RawRowView(i)[j] -= mu[j]
		}
	}
	return c
}
