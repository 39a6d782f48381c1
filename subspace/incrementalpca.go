package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// IncrementalPCA is PCA of batches that come one after the other, none of which is kept.
// With the singular values and basis of what came before, Σ and V, about its mean, the
// next batch B of m samples after n gives those of
//
//	[ Σ Vᵀ ; B − 1μ_Bᵀ ; √(nm/(n+m)) (μ − μ_B)ᵀ ]
//
// cut off at Dim directions. It is exact as long as nothing was cut off.
//
// The zero value with Dim set is ready to use.
//
// Reference: Ross, Lim, Lin, Yang. Incremental learning for robust visual
// tracking. IJCV 77, 2008.
type IncrementalPCA struct {
	Dim int // r, at least 1

	n     int
	mean  []float64
	sigma []float64
	basis *mat.Dense // d×len(sigma)
	total float64    // Σ‖x − μ‖²
}

// Update adds a batch of samples, m×d, m at least 1. Cost: O((Dim+m)·d·min(Dim+m, d)). Errors: [ErrInput] for an
// invalid batch, or one with another number of features than before; then nothing changes.
func (s *IncrementalPCA) Update(batch *mat.Dense) error {
	if s == nil {
		return errors.Wrap(ErrInput, "stream of PCA: no stream")
	}
	if err := check(batch); err != nil {
		return errors.WithMessage(err, "stream of PCA")
	}
	m, d := batch.Dims()
	if s.Dim < 1 || s.n > 0 && d != len(s.mean) {
		return errors.Wrapf(ErrInput,
			"stream of PCA: Dim %d, %d features after %d; want Dim at least 1, and the same features in every batch",
			s.Dim, d, len(s.mean))
	}
	mu := mean(batch)
	stack := minus(batch, mu)
	total := s.total + math.Pow(mat.Norm(stack, 2), 2)
	now := mu
	if s.n > 0 {
		shift := make([]float64, d)
		floats.SubTo(shift, s.mean, mu)
		weight := float64(s.n) * float64(m) / float64(s.n+m)
		total += weight * floats.Dot(shift, shift)
		now = append([]float64(nil), s.mean...)
		floats.AddScaled(now, -float64(m)/float64(s.n+m), shift)
		floats.Scale(math.Sqrt(weight), shift)
		stack = s.stack(stack, shift)
	}
	sigma, v, err := decompose(stack)
	if err != nil {
		return errors.WithMessage(err, "stream of PCA")
	}
	r := min(s.Dim, len(sigma))
	s.n, s.mean, s.sigma, s.basis, s.total = s.n+m, now, sigma[:r], columns(v, r), total
	return nil
}

// stack returns ΣVᵀ above the centred batch and the shift of the mean.
func (s *IncrementalPCA) stack(centred *mat.Dense, shift []float64) *mat.Dense {
	m, d := centred.Dims()
	r := len(s.sigma)
	out := mat.NewDense(r+m+1, d, nil)
	for j, sigma := range s.sigma {
		for i := range d {
			out.Set(j, i, sigma*s.basis.At(i, j))
		}
	}
	out.Slice(r, r+m, 0, d).(*mat.Dense).Copy(centred)
	out.SetRow(r+m, shift)
	return out
}

// Components returns the subspace of all samples so far. Errors: [ErrInput] if there are fewer than two.
func (s *IncrementalPCA) Components() (*Components, error) {
	if s == nil {
		return nil, errors.Wrap(ErrInput, "stream of PCA: no stream")
	}
	if s.n < 2 {
		return nil, errors.Wrapf(ErrInput, "stream of PCA: %d samples, want at least 2", s.n)
	}
	c := &Components{Mean: append([]float64(nil), s.mean...), Basis: mat.DenseCopyOf(s.basis),
		Total: s.total / float64(s.n-1)}
	for _, sigma := range s.sigma {
		c.Variances = append(c.Variances, sigma*sigma/float64(s.n-1))
	}
	setSigns(c.Basis)
	return c, nil
}
