package sparse

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// DictionaryDistance returns ‖D − D*‖_F/‖D*‖_F of two dictionaries whose atoms, the columns,
// are first divided by their norms. Atoms are compared in their order and with their signs:
// it tells how far learning has come that began near D*.
//
// Shapes: d and truth m×p. Errors: ErrInput for shapes that differ, an atom of 0, or numbers
// that are not finite.
func DictionaryDistance(d, truth *mat.Dense) (float64, error) {
	if d == nil || truth == nil || d.IsEmpty() || truth.IsEmpty() {
		return 0, errors.Wrap(ErrInput, "sparse: distance of dictionaries: one is missing")
	}
	m, p := d.Dims()
	if rows, cols := truth.Dims(); rows != m || cols != p {
		return 0, errors.Wrapf(ErrInput, "sparse: distance of dictionaries: %d×%d and %d×%d", m, p, rows, cols)
	}
	sum := 0.0
	for j := range p {
		a, b := mat.Norm(d.ColView(j), 2), mat.Norm(truth.ColView(j), 2)
		for _, v := range []float64{a, b} {
			if !(v > 0) || math.IsInf(v, 1) {
				return 0, errors.Wrapf(ErrInput, "sparse: distance of dictionaries: atom %d of %d has the norm %v", j,
					p, v)
			}
		}
		for i := range m {
			e := d.At(i, j)/a - truth.At(i, j)/b
			sum += e * e
		}
	}
	return math.Sqrt(sum / float64(p)), nil
}
