package subspace

import (
	"gonum.org/v1/gonum/mat"
)

// monomials are the exponents of all monomials of one degree in d variables, in
// lexicographic order: x₁ⁿ, x₁ⁿ⁻¹x₂, …, x_dⁿ.
type monomials [][]int

// monomialsOf returns the C(n+d−1, n) monomials of degree n in d variables.
func monomialsOf(n, d int) monomials {
	if d == 1 {
		return monomials{{n}}
	}
	var out monomials
	for first := n; first >= 0; first-- {
		for _, rest := range monomialsOf(n-first, d-1) {
			out = append(out, append([]int{first}, rest...))
		}
	}
	return out
}

// at writes the value of each monomial at x to dst.
func (m monomials) at(dst, x []float64) {
	for i, exponents := range m {
		dst[i] = product(x, exponents)
	}
}

// gradient writes the derivative of each monomial by x_j at x to dst.
func (m monomials) gradient(dst, x []float64, j int) {
	for i, exponents := range m {
		e := exponents[j]
		if e == 0 {
			dst[i] = 0
			continue
		}
		exponents[j]--
		dst[i] = float64(e) * product(x, exponents)
		exponents[j]++
	}
}

// product returns Π x_j^e_j.
func product(x []float64, exponents []int) float64 {
	v := 1.0
	for j, e := range exponents {
		for range e {
			v *= x[j]
		}
	}
	return v
}

// embed returns the Veronese map of degree n of the rows of x.
func embed(x *mat.Dense, m monomials) *mat.Dense {
	rows, _ := x.Dims()
	v := mat.NewDense(rows, len(m), nil)
	for i := range rows {
		m.at(v.RawRowView(i), x.RawRowView(i))
	}
	return v
}
