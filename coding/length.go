package coding

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Length returns the number of bits that code the n rows of x, in R^d and about
// the origin, and the subspace that they lie in, up to the distortion ε²:
//
//	L(X, ε) = (n+d)/2 · log₂det(I + d/(nε²) XᵀX)
func Length(x *mat.Dense, eps2 float64) (float64, error) {
	if err := check(x, eps2); err != nil {
		return 0, errors.WithMessage(err, "coding length")
	}
	n, d := x.Dims()
	ld, err := logdet(x, alpha(d, float64(n), eps2))
	if err != nil {
		return 0, errors.WithMessage(err, "coding length")
	}
	return float64(n+d) / 2 * ld / math.Ln2, nil
}

// LengthAffine returns Length of the rows about their mean μ, plus the bits that
// code the mean:
//
//	L(X − 1μᵀ, ε) + d/2 · log₂(1 + μᵀμ/ε²)
func LengthAffine(x *mat.Dense, eps2 float64) (float64, error) {
	if err := check(x, eps2); err != nil {
		return 0, errors.WithMessage(err, "coding length")
	}
	n, d := x.Dims()
	mu := make([]float64, d)
	for i := range n {
		floats.Add(mu, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), mu)
	centred := mat.DenseCopyOf(x)
	for i := range n {
		floats.Sub(centred.RawRowView(i), mu)
	}
	bits, err := Length(centred, eps2)
	return bits + float64(d)/2*math.Log2(1+floats.Dot(mu, mu)/eps2), err
}

// alpha returns d/(nε²).
func alpha(d int, n, eps2 float64) float64 { return float64(d) / (n * eps2) }
