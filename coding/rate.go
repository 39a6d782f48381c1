package coding

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Rate returns R(Z).
func Rate(z *mat.Dense, eps2 float64) (float64, error) {
	if err := check(z, eps2); err != nil {
		return 0, errors.WithMessage(err, "coding rate")
	}
	n, d := z.Dims()
	ld, err := logdet(z, alpha(d, float64(n), eps2))
	return ld / 2, errors.WithMessage(err, "coding rate")
}

// RateGrad returns ∂R/∂Z = αZ(I + αZᵀZ)⁻¹ with α = d/(nε²), n×d.
func RateGrad(z *mat.Dense, eps2 float64) (*mat.Dense, error) {
	if err := check(z, eps2); err != nil {
		return nil, errors.WithMessage(err, "coding rate")
	}
	n, d := z.Dims()
	a := alpha(d, float64(n), eps2)
	inv, err := inverse(z, a)
	if err != nil {
		return nil, errors.WithMessage(err, "coding rate")
	}
	var g mat.Dense
	g.Mul(z, inv)
	g.Scale(a, &g)
	return &g, nil
}

// ClassRate returns Rᶜ(Z, y) of k classes. It copies the samples of one class at a time.
func ClassRate(z *mat.Dense, labels []int, k int, eps2 float64) (rate float64, err error) {
	rows, err := classRows(z, labels, k, eps2)
	if err != nil {
		return 0, err
	}
	n, d := z.Dims()
	for j, of := range rows {
		if len(of) == 0 {
			continue
		}
		ld, err := logdet(pickRows(z, of), alpha(d, float64(len(of)), eps2))
		if err != nil {
			return 0, errors.WithMessagef(err, "class coding rate: class %d", j)
		}
		rate += float64(len(of)) / float64(n) * ld / 2
	}
	return rate, nil
}

// ClassRateGrad returns ∂Rᶜ(Z, y)/∂Z, n×d.
func ClassRateGrad(z *mat.Dense, labels []int, k int, eps2 float64) (*mat.Dense, error) {
	rows, err := classRows(z, labels, k, eps2)
	if err != nil {
		return nil, err
	}
	n, d := z.Dims()
	dz := mat.NewDense(n, d, nil)
	for j, of := range rows {
		if len(of) == 0 {
			continue
		}
		zj, a := pickRows(z, of), alpha(d, float64(len(of)), eps2)
		inv, err := inverse(zj, a)
		if err != nil {
			return nil, errors.WithMessagef(err, "class coding rate: class %d", j)
		}
		var e mat.Dense
		e.Mul(zj, inv)
		e.Scale(float64(len(of))/float64(n)*a, &e)
		for i, row := range of {
			dz.SetRow(row, e.RawRowView(i))
		}
	}
	return dz, nil
}

// Reduction returns ΔR(Z, y) = R(Z) − Rᶜ(Z, y), which is at least 0.
func Reduction(z *mat.Dense, labels []int, k int, eps2 float64) (float64, error) {
	whole, err := Rate(z, eps2)
	if err != nil {
		return 0, err
	}
	parts, err := ClassRate(z, labels, k, eps2)
	return whole - parts, err
}

// ReductionGrad returns ∂ΔR(Z, y)/∂Z, n×d.
func ReductionGrad(z *mat.Dense, labels []int, k int, eps2 float64) (*mat.Dense, error) {
	g, err := RateGrad(z, eps2)
	if err != nil {
		return nil, err
	}
	parts, err := ClassRateGrad(z, labels, k, eps2)
	if err != nil {
		return nil, err
	}
	g.Sub(g, parts)
	return g, nil
}

// classRows returns the rows of each class, ascending.
func classRows(z *mat.Dense, labels []int, k int, eps2 float64) ([][]int, error) {
	if err := check(z, eps2); err != nil {
		return nil, errors.WithMessage(err, "class coding rate")
	}
	n, _ := z.Dims()
	if len(labels) != n || k < 1 {
		return nil, errors.Wrapf(ErrInput, "class coding rate: %d labels of %d classes for %d samples, want as "+
			"many labels as samples, and at least 1 class", len(labels), k, n)
	}
	if err := sizes.CheckClasses(k); err != nil {
		return nil, errors.Wrapf(ErrInput, "class coding rate: %v", err)
	}
	rows := make([][]int, k)
	for i, y := range labels {
		if y < 0 || y >= k {
			return nil, errors.Wrapf(ErrInput, "class coding rate: label %d of sample %d, want it in 0, …, %d", y, i,
				k-1)
		}
		rows[y] = append(rows[y], i)
	}
	return rows, nil
}

// pickRows copies those rows of z.
func pickRows(z *mat.Dense, rows []int) *mat.Dense {
	_, d := z.Dims()
	x := mat.NewDense(len(rows), d, nil)
	for i, row := range rows {
		x.SetRow(i, z.RawRowView(row))
	}
	return x
}
