package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Shrinkage soft-thresholds singular values,
//
//	D_t(A) = U max(Σ − t, 0) Vᵀ = Σ_{σᵢ > t} (1 − t/σᵢ) A vᵢ vᵢᵀ.
//
// The vectors above t are eigenvectors of the smaller Gram matrix, or, where t is below
// 2⁻¹⁸σ₁ and squares would lose more than 10⁻¹⁰ σ₁ by that, of the full decomposition.
//
// It is the workspace too. The zero value is ready; one matrix at a time.
type Shrinkage struct {
	eigen    Symmetric[float64]
	full     Singular[float64]
	gram     []float64
	values   []float64
	vectors  []float64 // rows, of the shorter side
	image, u []float64 // A of them; left vectors
}

// Solve stores D_t(A) in dst and returns how many values are left.
//
// Shapes: a and dst m×n, a as it is left; t is above 0. Errors: those of Singular.Solve.
// Cost, for k = min(m, n) and r values that are left: mnk flops for the Gram matrix, those of
// Symmetric.Leading, and 4mnr.
func (x *Shrinkage) Solve(p *par.Pool, m, n int, t float64, a []float64, lda int,
	dst []float64, ldd int) (rank int, err error) {
	short, long := min(m, n), max(m, n)
	x.gram, x.vectors, x.values = grow(x.gram, short*short), grow(x.vectors, short*short), grow(x.values, short)
	Gram(p, m < n, m, n, 1, a, lda, x.gram, short)
	rank, err = x.eigen.Above(p, short, t*t, x.gram, short, x.values, x.vectors, short)
	if err != nil {
		return 0, err
	}
	if rank == 0 {
		zero(m, n, dst, ldd)
		return 0, nil
	}
	if t < lossy*math.Sqrt(x.values[0]) {
		return x.inFull(p, m, n, t, a, lda, dst, ldd)
	}
	x.image = grow(x.image, rank*long)
	Gemm(p, false, m >= n, rank, long, short, 1, x.vectors, short, a, lda, 0, x.image, long)
	for i := range rank {
		row := x.image[i*long : (i+1)*long]
		simd.Affine(row, 1-t/math.Sqrt(x.values[i]), row, 0)
	}
	left, right := x.image, x.vectors
	if m < n {
		left, right = right, left
	}
	Gemm(p, true, false, m, n, rank, 1, left, m, right, n, 0, dst, ldd)
	return rank, nil
}

// inFull is Solve by the full decomposition.
func (x *Shrinkage) inFull(p *par.Pool, m, n int, t float64, a []float64, lda int,
	dst []float64, ldd int) (rank int, err error) {
	k := min(m, n)
	x.u, x.image = grow(x.u, m*k), grow(x.image, k*n)
	if err := x.full.Solve(p, m, n, a, lda, x.values, x.u, k, x.image, n); err != nil {
		return 0, err
	}
	for rank < k && x.values[rank] > t {
		row := x.image[rank*n : (rank+1)*n]
		simd.Affine(row, x.values[rank]-t, row, 0)
		rank++
	}
	Gemm(p, false, false, m, n, rank, 1, x.u, k, x.image, n, 0, dst, ldd)
	return rank, nil
}

func zero(m, n int, dst []float64, ldd int) {
	for i := range m {
		clear(dst[i*ldd : i*ldd+n])
	}
}
