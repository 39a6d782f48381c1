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

// factor computes M for b vectors, rows of v as long as width. See compact.
func (c *compactor[T]) factor(p *par.Pool, b, width int, v []T, ldv int, tau []T) {
	c.dots, c.m = grow(c.dots, b*b), grow(c.m, b*b)
	Gemm(p, false, true, b, b, width, 1, v, ldv, v, ldv, 0, c.dots, b)
	compact(b, c.m, c.dots, b, tau)
}

// right computes X := X H₁ … H_b = X − (X Vᵀ) M V for X rows×width and the vectors V,
// b×width; with trans X := X H_b … H₁, which has Mᵀ.
func (c *compactor[T]) right(p *par.Pool, trans bool, rows, b, width int, v []T, ldv int, tau, x []T, ldx int) {
	c.factor(p, b, width, v, ldv, tau)
	c.s, c.sm = grow(c.s, rows*b), grow(c.sm, rows*b)
	Gemm(p, false, true, rows, b, width, 1, x, ldx, v, ldv, 0, c.s, b)
	Gemm(p, false, trans, rows, b, b, 1, c.s, b, c.m, b, 0, c.sm, b)
	Gemm(p, false, false, rows, width, b, -1, c.sm, b, v, ldv, 1, x, ldx)
}

// left computes X := H₁ … H_b X = X − Vᵀ M (V X) for X width×cols and the vectors V,
// b×width; with trans X := H_b … H₁ X, which has Mᵀ.
func (c *compactor[T]) left(p *par.Pool, trans bool, b, width, cols int, v []T, ldv int, tau, x []T, ldx int) {
	c.factor(p, b, width, v, ldv, tau)
	c.s, c.sm = grow(c.s, cols*b), grow(c.sm, cols*b)
	Gemm(p, false, false, b, cols, width, 1, v, ldv, x, ldx, 0, c.s, cols)
	Gemm(p, trans, false, b, cols, b, 1, c.m, b, c.s, cols, 0, c.sm, cols)
	Gemm(p, true, false, width, cols, b, -1, v, ldv, c.sm, cols, 1, x, ldx)
}
