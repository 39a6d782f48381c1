package sparse

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Coherence returns the mutual coherence of a matrix,
//
//	μ(A) = max_{i≠j} |aᵢᵀaⱼ| / (‖aᵢ‖‖aⱼ‖),
//
// in [0, 1]; 0 for a single column. Fewer than (1 + 1/μ)/2 atoms are recovered by
// OMP and by ‖·‖₁, whichever they are. Errors: ErrInput.
//
// Reference: Donoho, Elad. Optimally sparse representation in general
// (nonorthogonal) dictionaries via ℓ¹ minimization. PNAS 100(5), 2003.
func Coherence(a *mat.Dense) (float64, error) {
	g, err := normalizedGram(a)
	if err != nil {
		return 0, errors.WithMessage(err, "sparse: coherence")
	}
	return offDiagonal(g), nil
}

// CrossCoherence returns the generalised mutual coherence of a weight with a
// matrix,
//
//	μ(W, A) = max_{i≠j} |wᵢᵀaⱼ|,
//
// which ALISTA's weight keeps low subject to wᵢᵀaᵢ = 1. Shapes: both m×n. Errors:
// ErrInput.
func CrossCoherence(w, a *mat.Dense) (float64, error) {
	if err := sameShape(w, a); err != nil {
		return 0, errors.WithMessage(err, "sparse: cross-coherence")
	}
	var g mat.Dense
	g.Mul(w.T(), a)
	return offDiagonal(&g), nil
}

// Babel returns the Babel function of a matrix for 1, …, k atoms,
//
//	μ₁(s) = max_{|S|=s} max_{i∉S} Σ_{j∈S} |aᵢᵀaⱼ| / (‖aᵢ‖‖aⱼ‖),
//
// as babel[s−1]. OMP recovers s atoms if μ₁(s−1) + μ₁(s) < 1. Errors: ErrInput for
// k not in 1, …, n−1.
//
// Reference: Tropp. Greed is good: algorithmic results for sparse approximation.
// IEEE TIT 50(10), 2004.
func Babel(a *mat.Dense, k int) ([]float64, error) {
	g, err := normalizedGram(a)
	if err != nil {
		return nil, errors.WithMessage(err, "sparse: Babel function")
	}
	n, _ := g.Dims()
	if k < 1 || k >= n {
		return nil, errors.Wrapf(ErrInput, "sparse: Babel function: %d of %d atoms, want 1, …, %d", k, n, n-1)
	}
	babel := make([]float64, k)
	for i := range n {
		row := make([]float64, 0, n)
		for j := range n {
			if j != i {
				row = append(row, math.Abs(g.At(i, j)))
			}
		}
		slices.Sort(row)
		sum := 0.0
		for s := range k {
			sum += row[len(row)-1-s]
			babel[s] = max(babel[s], sum)
		}
	}
	return babel, nil
}

// normalizedGram returns the cosines between columns.
func normalizedGram(a *mat.Dense) (*mat.Dense, error) {
	if _, err := NewMatrix(a); err != nil {
		return nil, err
	}
	_, n := a.Dims()
	scale := make([]float64, n)
	for j := range scale {
		scale[j] = 1 / mat.Norm(a.ColView(j), 2)
	}
	var g mat.Dense
	g.Mul(a.T(), a)
	g.Apply(func(i, j int, v float64) float64 { return v * scale[i] * scale[j] }, &g)
	return &g, nil
}

func offDiagonal(g *mat.Dense) (most float64) {
	n, _ := g.Dims()
	for i := range n {
		for j := range n {
			if i != j {
				most = max(most, math.Abs(g.At(i, j)))
			}
		}
	}
	return most
}
