package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// MaxAbs returns max |aᵢⱼ| of an m×n matrix, 0 of nothing, NaN if it holds one.
func MaxAbs[T simd.Float](p *par.Pool, m, n int, a []T, lda int) (most float64) {
	const rows = 64 // of a chunk
	job := &maxAbs[T]{n: n, a: a, lda: lda, most: make([]float64, m)}
	p.Run(job, m, rows)
	for _, v := range job.most {
		most = max(most, v)
	}
	return most
}

// maxAbs is the task of MaxAbs, with what it found in each row.
type maxAbs[T simd.Float] struct {
	n, lda int
	a      []T
	most   []float64
}

// Range searches some rows.
func (x *maxAbs[T]) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		x.most[i] = simd.MaxAbs(x.a[i*x.lda : i*x.lda+x.n])
	}
}
