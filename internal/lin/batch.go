package lin

import (
	"sync"

	pkgerrors "github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// GemmBatch computes count products of one shape,
//
//	Cᵢ = α op(Aᵢ) op(Bᵢ) + β Cᵢ,
//
// where Aᵢ begins at a[i·strideA], Bᵢ at b[i·strideB] and Cᵢ at c[i·strideC]. A
// stride of 0 gives the same A or B to all. The Cᵢ must not overlap. See Gemm.
//
// Cost: 2mnk·count flops. Small products are shared out whole, one to a worker;
// large ones are split, one after the other.
func GemmBatch[T simd.Float](p *par.Pool, count int, transA, transB bool, m, n, k int,
	alpha T, a []T, lda, strideA int, b []T, ldb, strideB int, beta T, c []T, ldc, strideC int) {
	free := par.CacheOf[gemms[T]](&gemms32, &gemms64)
	job := free.Take()
	defer free.Put(job)
	*job = gemms[T]{
		problem: problem[T]{
			m: m, n: n, k: k, alpha: alpha, beta: beta,
			a: operand[T]{a, lda, transA}, b: operand[T]{b, ldb, transB}, c: c, ldc: ldc,
		},
		strideA: strideA, strideB: strideB, strideC: strideC,
	}
	if float64(m)*float64(n)*float64(k) > splitProducts {
		job.pool = p
		job.Range(0, 0, count)
	} else {
		p.Run(job, count, max(1, int(dotChunk/max(1, float64(m)*float64(n)*float64(k)))))
	}
	*job = gemms[T]{}
}

// splitProducts is the number of multiply-adds from which a product keeps all
// workers busy by itself.
const splitProducts = 1 << 24

// gemms is the task of a GemmBatch.
type gemms[T simd.Float] struct {
	problem[T]
	strideA, strideB, strideC int
	pool                      *par.Pool // of each product
}

// Range multiplies some of the pairs.
func (x *gemms[T]) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		one := x.problem
		one.a.x, one.b.x, one.c = one.a.x[i*x.strideA:], one.b.x[i*x.strideB:], one.c[i*x.strideC:]
		multiply(x.pool, &one)
	}
}

// CholeskyBatch factors count matrices of one order, Aᵢ at a[i·stride], as
// Cholesky does.
//
// Errors: that of the first matrix that has one; the others are factored
// nevertheless. Cost: count·n³/3 flops; small matrices are shared out whole.
func CholeskyBatch(p *par.Pool, count, n int, a []float64, lda, stride int) error {
	job := factorBatches.Take()
	defer factorBatches.Put(job)
	*job = factors{n: n, a: a, lda: lda, stride: stride, bad: count}
	if float64(n)*float64(n)*float64(n) > splitProducts {
		job.pool = p
		job.Range(0, 0, count)
	} else {
		p.Run(job, count, 1)
	}
	bad, err := job.bad, job.err
	*job = factors{}
	return pkgerrors.WithMessagef(err, "matrix %d of %d", bad, count)
}

// factors is the task of a CholeskyBatch.
type factors struct {
	n, lda, stride int
	a              []float64
	pool           *par.Pool // of each factor

	mu  sync.Mutex
	bad int // the first matrix with an error
	err error
}

// Range factors some of the matrices.
func (x *factors) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		err := Cholesky(x.pool, x.n, x.a[i*x.stride:], x.lda)
		if err == nil {
			continue
		}
		x.mu.Lock()
		if i < x.bad {
			x.bad, x.err = i, err
		}
		x.mu.Unlock()
	}
}
