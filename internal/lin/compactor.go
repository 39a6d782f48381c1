package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// blockRows is how many reflectors are applied at a time.
const blockRows = 64

// compactor applies reflectors by blocks; it keeps the workspace for that.
type compactor[T simd.Float] struct {
	dots, m []T
	s, sm   []T
}

// right computes X := X H₁ … H_b = X − (X Vᵀ) M V for X rows×width and the vectors V,
// b×width, of which the rows lie one behind the other. See compact.
func (c *compactor[T]) right(p *par.Pool, rows, b, width int, v, tau, x []T, ldx int) {
	c.dots, c.m = grow(c.dots, b*b), grow(c.m, b*b)
	c.s, c.sm = grow(c.s, rows*b), grow(c.sm, rows*b)
	Gemm(p, false, true, b, b, width, 1, v, width, v, width, 0, c.dots, b)
	compact(b, c.m, c.dots, b, tau)
	Gemm(p, false, true, rows, b, width, 1, x, ldx, v, width, 0, c.s, b)
	Gemm(p, false, false, rows, b, b, 1, c.s, b, c.m, b, 0, c.sm, b)
	Gemm(p, false, false, rows, width, b, -1, c.sm, b, v, width, 1, x, ldx)
}
