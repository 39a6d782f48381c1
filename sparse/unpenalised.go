package sparse

import "github.com/whitebox-nn/whitebox/internal/simd"

// An unpenalised is an orthonormal basis of the span of the columns of A whose coefficients g does not penalise.
// Whatever λ is, the residual of a solution is orthogonal to it, so that dual vectors, and the sample that λ_max is
// of, are what is left of it.
type unpenalised struct {
	free  []int // such coefficients
	basis [][]float64
}

// dependent is the share of a column outside of the span of others below which it counts
// as in it: rounding.
const dependent = 1e-12

// unpenalisedOf returns it; nil if g weighs all of n coefficients.
func unpenalisedOf(a Operator, g Penalty) *unpenalised {
	l1, ok := g.(L1)
	if !ok || l1.Weights == nil {
		return nil
	}
	m, n := a.Dims()
	u := &unpenalised{}
	one := make([]float64, n)
	for j, w := range l1.Weights {
		if w != 0 {
			continue
		}
		u.free = append(u.free, j)
		column := make([]float64, m)
		one[j] = 1
		a.Apply(column, one, 1)
		one[j] = 0
		if !simd.Unit(column, column) {
			continue
		}
		u.remove(column)
		if norm(column) > dependent && simd.Unit(column, column) {
			u.remove(column) // once more: it is orthogonal to rounding
			simd.Unit(column, column)
			u.basis = append(u.basis, column)
		}
	}
	if u.free == nil {
		return nil
	}
	return u
}

// remove takes the part of v in the span off, twice.
func (u *unpenalised) remove(v []float64) {
	if u == nil {
		return
	}
	for range 2 {
		for _, q := range u.basis {
			simd.Axpy(v, -simd.Dot(q, v), q)
		}
	}
}

// clear sets the free ones of correlations to 0, which they are but for rounding.
func (u *unpenalised) clear(c []float64) {
	if u == nil {
		return
	}
	for _, j := range u.free {
		c[j] = 0
	}
}
