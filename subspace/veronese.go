package subspace

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// monomials are all monomials of one degree n in d variables, in lexicographic order, x₁ⁿ, x₁ⁿ⁻¹x₂, …, x_dⁿ, each
// times the root of its multinomial coefficient. So the map ν of a vector to its monomials has ν(x)ᵀν(y) = (xᵀy)ⁿ: it
// is equally well conditioned in all directions, and a polynomial's norm does not depend on the axes (Bombieri's).
type monomials struct {
	exponents [][]int
	weight    []float64 // √(n!/Π e_j!)
}

// monomialsOf returns the C(n+d−1, n) monomials of degree n in d variables.
func monomialsOf(n, d int) monomials {
	m := monomials{exponents: exponentsOf(n, d)}
	for _, e := range m.exponents {
		logs, _ := math.Lgamma(float64(n + 1))
		for _, k := range e {
			part, _ := math.Lgamma(float64(k + 1))
			logs -= part
		}
		m.weight = append(m.weight, math.Sqrt(math.Round(math.Exp(logs))))
	}
	return m
}

func exponentsOf(n, d int) [][]int {
	if d == 1 {
		return [][]int{{n}}
	}
	var out [][]int
	for first := n; first >= 0; first-- {
		for _, rest := range exponentsOf(n-first, d-1) {
			out = append(out, append([]int{first}, rest...))
		}
	}
	return out
}

// count returns how many there are.
func (m monomials) count() int { return len(m.exponents) }

// at writes the value of each monomial at x to dst.
func (m monomials) at(dst, x []float64) {
	for i, e := range m.exponents {
		dst[i] = m.weight[i] * product(x, e)
	}
}

// gradient writes the derivative of each monomial by x_j at x to dst.
func (m monomials) gradient(dst, x []float64, j int) {
	for i, e := range m.exponents {
		k := e[j]
		if k == 0 {
			dst[i] = 0
			continue
		}
		e[j]--
		dst[i] = m.weight[i] * float64(k) * product(x, e)
		e[j]++
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

// embed returns the Veronese map of the directions of the rows of x, each times its norm: to first
// order a polynomial that vanishes on a subspace is then off by the distance to it, times the
// gradient at a vector of norm 1, whatever the norm of the sample.
func embed(x *mat.Dense, m monomials) *mat.Dense {
	rows, _ := x.Dims()
	unit, v := unitRows(x), mat.NewDense(rows, m.count(), nil)
	for i := range rows {
		m.at(v.RawRowView(i), unit.RawRowView(i))
		floats.Scale(floats.Norm(x.RawRowView(i), 2), v.RawRowView(i))
	}
	return v
}
