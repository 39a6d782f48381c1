package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A Packed is op(B), k×n, in the order in which the micro-kernel reads it, for many
// products with it: packing takes a tenth of the time of a product with some hundred
// rows.
type Packed[T simd.Float] struct {
	n, k int
	b    operand[T] // B as it was, for a library or another instruction set
	cols int        // of the tiles that it is packed for
	buf  []T
}

// Pack packs op(B), with op as Gemm has it. It keeps b, which must not change. Shapes:
// op(B) k×n. Allocates as much as op(B).
func Pack[T simd.Float](p *par.Pool, trans bool, k, n int, b []T, ldb int) *Packed[T] {
	q := &Packed[T]{n: n, k: k, b: operand[T]{b, ldb, trans}, cols: simd.NewTile[T]().Cols}
	q.buf = make([]T, ceil(n, q.cols)*q.cols*k)
	x := &product[T]{problem: problem[T]{n: n, k: k, b: q.b}, tile: simd.NewTile[T]()}
	depth := depthOf(k)
	for x.j0 = 0; x.j0 < n; x.j0 += maxCols {
		x.cols = min(maxCols, n-x.j0)
		x.panelsB = ceil(x.cols, x.tile.Cols)
		for x.l0 = 0; x.l0 < k; x.l0 += depth {
			x.depth = min(depth, k-x.l0)
			x.panels = q.block(x.j0, x.l0, x.panelsB)
			x.packing.nB = ceil(x.panelsB, panelsOfB)
			p.Run(x, x.packing.nB, 1)
		}
	}
	return q
}

// block returns the panels of the block whose origin is (l0, j0).
func (q *Packed[T]) block(j0, l0, panels int) []T { return q.buf[j0*q.k+l0*panels*q.cols:] }

// Gemm computes C = α op(A) B + β C as Gemm does, and with bits that do not depend on m:
// the rows of C are those of a product with more rows. Shapes: op(A) m×k, C m×n.
func (q *Packed[T]) Gemm(p *par.Pool, transA bool, m int, alpha T, a []T, lda int, beta T, c []T, ldc int) {
	x := problem[T]{
		m: m, n: q.n, k: q.k, alpha: alpha, beta: beta, a: operand[T]{a, lda, transA}, b: q.b, c: c, ldc: ldc,
	}
	if q.cols == simd.NewTile[T]().Cols && Chosen() == nil {
		x.packed = q
	}
	multiply(p, &x)
}
