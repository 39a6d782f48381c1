// Package backend says what computes on the processor: which kernels are in use, and
// whether another BLAS takes the large products. These are properties of the process.
package backend

import "github.com/whitebox-nn/whitebox/internal/lin"

// BLAS is another implementation of matrix products, such as an openblas.Library:
// C ← α op(A) op(B) + βC, all row-major, op(A) m×k, op(B) k×n and C m×n, where op
// transposes if so asked, and rows are lda, ldb and ldc elements apart. Its methods may
// be called by several goroutines at once and must not start threads of their own.
type BLAS interface {
	Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32,
		c []float32, ldc int)
	Dgemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64,
		c []float64, ldc int)
}

// Use makes all programs of this process compute their larger matrix products with b from now on, and, if it has the
// methods of an openblas.Library for them, the larger symmetric eigenproblems, singular value and QR decompositions;
// nil restores the kernels of this module, which are the default and in general not slower. It is meant for checks
// and comparisons.
//
// It is a property of the process, as the instruction set is. Call it while no program runs. Results still do not
// depend on the number of workers, but they differ in rounding from those of this module's kernels.
func Use(b BLAS) { lin.Use(b) }
