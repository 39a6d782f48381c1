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

// ClassRate returns Rᶜ(Z, y) of k classes.
func ClassRate(z *mat.Dense, labels []int, k int, eps2 float64) (float64, error) {
	pi, err := membership(z, labels, k, eps2)
	if err != nil {
		return 0, err
	}
	return SoftClassRate(z, pi, eps2)
}

// ClassRateGrad returns ∂Rᶜ(Z, y)/∂Z, n×d.
func ClassRateGrad(z *mat.Dense, labels []int, k int, eps2 float64) (*mat.Dense, error) {
	pi, err := membership(z, labels, k, eps2)
	if err != nil {
		return nil, err
	}
	dz, _, err := SoftClassRateGrad(z, pi, eps2)
	return dz, err
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

// membership returns labels as an n×k matrix of 0 and 1.
func membership(z *mat.Dense, labels []int, k int, eps2 float64) (*mat.Dense, error) {
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
	if err := sizes.Check("class coding rate: memberships", n, k); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	pi := mat.NewDense(n, k, nil)
	for i, y := range labels {
		if y < 0 || y >= k {
			return nil, errors.Wrapf(ErrInput, "class coding rate: label %d of sample %d, want it in 0, …, %d", y, i,
				k-1)
		}
		pi.Set(i, y, 1)
	}
	return pi, nil
}
