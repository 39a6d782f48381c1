package subspace

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// orthonormalize returns orthonormal columns whose span holds that of a, which
// has no more columns than rows. Cost: 4·rows·cols².
func orthonormalize(a *mat.Dense) *mat.Dense {
	q := mat.DenseCopyOf(a.T())
	orthonormalRows(q, 0)
	return mat.DenseCopyOf(q.T())
}

// orthonormalRows makes the rows of q from row lo on orthonormal to each other and
// to those before, which are already, by Gram–Schmidt, twice for accuracy. A row that
// depends on those above is replaced by one that does not.
func orthonormalRows(q *mat.Dense, lo int) {
	rows, width := q.Dims()
	axis := 0 // the next to try in place of a dependent row
	for j := lo; j < rows; j++ {
		v := q.RawRowView(j)
		before := floats.Norm(v, 2)
		for !independent(q, j, before) {
			clear(v)
			v[axis%width] = 1
			before = 1
			axis++
		}
	}
}

// independent makes row j of q orthogonal to those above and of norm 1, and
// reports whether more than rounding was left of it, of norm before.
func independent(q *mat.Dense, j int, before float64) bool {
	v := q.RawRowView(j)
	for range 2 {
		for i := range j {
			u := q.RawRowView(i)
			floats.AddScaled(v, -floats.Dot(u, v), u)
		}
		norm := floats.Norm(v, 2)
		if norm <= 1e-10*before || norm == 0 {
			return false
		}
		floats.Scale(1/norm, v)
		before = 1
	}
	return true
}
