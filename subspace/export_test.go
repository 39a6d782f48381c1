package subspace

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// VeroneseProduct returns ν(x)ᵀν(y) of degree n of two rows.
func VeroneseProduct(n int, x, y *mat.Dense) float64 {
	_, d := x.Dims()
	m := monomialsOf(n, d)
	a, b := make([]float64, m.count()), make([]float64, m.count())
	m.at(a, x.RawRowView(0))
	m.at(b, y.RawRowView(0))
	return floats.Dot(a, b)
}
