package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Syrk computes the symmetric product
//
//	C = α A Aᵀ + β C     or, with trans,     C = α Aᵀ A + β C.
//
// Only the lower triangle of C is read, and both are filled. See Gram for the
// product in float64 of a float32 matrix.
//
// Shapes: op(A) n×k, so A is n×k, or k×n with trans; C n×n. C must not overlap A.
// Cost: n²k flops, as only tiles that touch the lower triangle are computed;
// limited as Gemm is.
func Syrk[T simd.Float](p *par.Pool, trans bool, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) {
	multiply(p, &problem[T]{
		m: n, n: n, k: k, alpha: alpha, beta: beta, lower: true,
		a: operand[T]{a, lda, trans}, b: operand[T]{a, lda, !trans}, c: c, ldc: ldc,
	})
	free := par.CacheOf[syrk[T]](&syrks32, &syrks64)
	job := free.Take()
	defer free.Put(job)
	*job = syrk[T]{n, c, ldc}
	p.Run(job, ceil(n, mirrorRows), 1)
	*job = syrk[T]{}
}

// mirrorRows is the height of the blocks of C that are copied at a time.
const mirrorRows = 64

// syrk copies the lower triangle of C to the upper one.
type syrk[T simd.Float] struct {
	n   int
	c   []T
	ldc int
}

// Range copies some rows of blocks.
func (x *syrk[T]) Range(_, lo, hi int) {
	for i := lo * mirrorRows; i < min(hi*mirrorRows, x.n); i += mirrorRows {
		rows := min(mirrorRows, x.n-i)
		for j := 0; j < i; j += mirrorRows {
			simd.Transpose(x.c[j*x.ldc+i:], x.ldc, x.c[i*x.ldc+j:], x.ldc, rows, mirrorRows)
		}
		mirror(x.c, x.ldc, i, i+rows, i, i+rows)
	}
}
