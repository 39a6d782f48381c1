// Package coding is lossy coding in plain float64: the length and the rate of
// codes for the rows of a matrix, by class, and the gradients; clustering and
// classification by the fewest bits; the optima of the rate reduction.
//
// It is a tool for matrices in memory, and the reference against which the graph ops of package nn are tested: it
// shares no code with them, and every formula is written as in the papers, over gonum's Cholesky factorisation.
//
// # Conventions
//
// Z is n×d with a sample a row; the papers have columns. ε² is the squared
// distortion, of a sample, not of one feature. Rates are in nats a sample, Length
// is in bits. Labels are classes 0, …, k−1; a class without samples adds
// nothing. Soft memberships Π are n×k, at least 0.
//
//	R(Z)     = ½ logdet(I + d/(nε²) ZᵀZ)
//	Rᶜ(Z, y) = Σ_j n_j/n · ½ logdet(I + d/(n_jε²) Z_jᵀZ_j)
//	Rᶜ(Z, Π) = Σ_j n_j/n · ½ logdet(I + d/(n_jε²) Zᵀdiag(π_j)Z)     n_j = Σ_i π_ij
//	ΔR       = R − Rᶜ
//
// Cost: n·d² + d³/3 for each log-determinant, of min(n, d) in place of d.
//
// # References
//
//   - Ma, Derksen, Hong, Wright. Segmentation of multivariate mixed data via
//     lossy data coding and compression. PAMI 29(9), 2007: the length, Clustering.
//   - Wright, Tao, Lin, Ma, Shum. Classification via minimum incremental coding
//     length. NIPS 2007: Incremental.
//   - Yu, Chan, You, Song, Ma. Learning diverse and discriminative
//     representations via the principle of maximal coding rate reduction.
//     NeurIPS 2020, eq. 6–8: the rates.
//   - Wang, Liu, Pai, Yu, Zhu, Qu, Ma. A global geometric analysis of maximal
//     coding rate reduction. ICML 2024: RegularizedOptimum.
package coding

import (
	stderrors "errors"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
)

// ErrInput reports a matrix, labels or an ε² that make no sense. Test for it with
// errors.Is.
var ErrInput = stderrors.New("coding: bad input")

// check reports an empty matrix, a number that is not finite, or a bad ε².
func check(z *mat.Dense, eps2 float64) error {
	if err := matrix.CheckSamples(ErrInput, "samples", z); err != nil {
		return err
	}
	if !(eps2 > 0) || math.IsInf(eps2, 1) {
		return errors.Wrapf(ErrInput, "ε² is %v, want a finite number above 0", eps2)
	}
	n, _ := z.Dims()
	for i := range n {
		for j, v := range z.RawRowView(i) {
			if math.Abs(v) > 0x1p500 {
				return errors.Wrapf(ErrInput,
					"feature %d of sample %d is %v, and float64 does not hold its square: scale the samples, and ε", j,
					i, v)
			}
		}
	}
	return nil
}

// logdet returns logdet(I + a·XᵀX), by the smaller of the two Gram matrices.
func logdet(x *mat.Dense, a float64) (float64, error) {
	n, d := x.Dims()
	var rows mat.Matrix = x // the product is rows·rowsᵀ
	if d < n {
		rows = x.T()
	}
	chol, err := factor(rows, a)
	if err != nil {
		return 0, err
	}
	return chol.LogDet(), nil
}

// factor returns the Cholesky factor of I + a·XXᵀ.
func factor(x mat.Matrix, a float64) (*mat.Cholesky, error) {
	var g mat.SymDense
	g.SymOuterK(a, x)
	s := g.SymmetricDim()
	for i := range s {
		g.SetSym(i, i, 1+g.At(i, i))
	}
	var chol mat.Cholesky
	if !chol.Factorize(&g) || math.IsInf(chol.LogDet(), 0) || math.IsNaN(chol.LogDet()) {
		return nil, errors.Wrapf(ErrInput, "I + a·ZᵀZ with a = %v is not positive definite in float64: features "+
			"are too large for ε²; scale them down or make it larger", a)
	}
	return &chol, nil
}

// inverse returns (I + a·XᵀX)⁻¹, d×d.
func inverse(x *mat.Dense, a float64) (*mat.SymDense, error) {
	chol, err := factor(x.T(), a)
	if err != nil {
		return nil, err
	}
	var inv mat.SymDense
	if err := chol.InverseTo(&inv); err != nil {
		return nil, errors.Wrapf(ErrInput, "I + a·ZᵀZ with a = %v: %v", a, err)
	}
	return &inv, nil
}
