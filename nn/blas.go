package nn

import "github.com/whitebox-nn/whitebox/internal/lin"

// BLAS is another implementation of matrix products, such as an openblas.Library.
// Its methods may be called by several goroutines at once and must not start
// threads of their own.
type BLAS = lin.BLAS

// UseBLAS lets b compute the larger matrix products of all programs of this
// process from now on; nil is the kernels of this module again, which are the
// default and in general not slower. It is meant as a check, and to compare.
//
// It is a property of the process, as the instruction set is. Call it while no
// program runs. The bits of results still do not depend on the number of workers,
// but they are other bits.
func UseBLAS(b BLAS) { lin.Use(b) }
