package backend

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// UseInGorgonia gives stock Gorgonia, and package tensor, the matrix products of this module, on every core, for the
// rest of the process: what gorgonia.Mul and tensor.MatMul compute in a graph that no Program runs. Programs use
// these products in any case. All other BLAS routines stay gonum's.
//
// It calls gorgonia.Use, whose warning about several graphs at once applies: call it before any graph runs. To undo
// it, pass to gorgonia.Use what gorgonia.WhichBLAS returned before.
func UseInGorgonia() { gorgonia.Use(fastBLAS{pool: par.New(0)}) }

// fastBLAS is gonum's BLAS with our products.
type fastBLAS struct {
	gonum.Implementation
	pool *par.Pool
}

var _ gorgonia.BLAS = fastBLAS{}

// Sgemm implements blas.Float32Level3.
func (f fastBLAS) Sgemm(
	tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32,
	c []float32, ldc int,
) {
	if !gemm(f.pool, tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		f.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// Dgemm implements blas.Float64Level3.
func (f fastBLAS) Dgemm(
	tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64,
	c []float64, ldc int,
) {
	if !gemm(f.pool, tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		f.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// gemm computes the product, or returns false if an argument is wrong or unusual: gonum then computes it, or reports
// what is wrong.
func gemm[T op.Float](
	p *par.Pool, tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int,
) bool {
	transA, transB := tA != blas.NoTrans, tB != blas.NoTrans
	if m < 1 || n < 1 || k < 1 ||
		!fits(a, lda, m, k, transA) || !fits(b, ldb, k, n, transB) || !fits(c, ldc, m, n, false) ||
		!known(tA) || !known(tB) {
		return false
	}
	lin.Gemm(p, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	return true
}

func known(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}

// fits reports whether x holds a rows×cols matrix, or its transpose.
func fits[T op.Float](x []T, ld, rows, cols int, trans bool) bool {
	if trans {
		rows, cols = cols, rows
	}
	return ld >= cols && len(x) >= (rows-1)*ld+cols
}
