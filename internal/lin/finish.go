package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// finish runs the epilogue on a block of C.
func (x *product[T]) finish(iLo, iHi, jLo, jHi int) {
	e := &x.then
	if e.Bias == nil && !e.ReLU && e.Theta == nil {
		return
	}
	lo, hi := x.j0+jLo, x.j0+jHi
	for i := x.i0 + iLo; i < x.i0+iHi; i++ {
		row := x.c[i*x.ldc+lo : i*x.ldc+hi]
		switch {
		case e.Bias != nil && e.ReLU:
			simd.AddReLU(row, row, e.Bias[lo:hi])
		case e.Bias != nil:
			simd.Add(row, row, e.Bias[lo:hi])
		case e.ReLU:
			simd.ReLU(row, row)
		}
		if e.Theta != nil {
			simd.SoftThreshold(row, row, e.Theta[lo:hi])
		}
	}
}

const (
	thin     = 3       // rows or columns of C that are computed as scalar products
	dotChunk = 1 << 16 // multiply-adds of a chunk of them, about
)

// runDots computes a thin C, as for a matrix and a vector, if the rows of A and
// the columns of B lie along k: as scalar products, limited by memory, where
// packing would cost as much as the product.
func (x *product[T]) runDots(p *par.Pool) bool {
	if x.a.trans || x.lower || x.k == 0 || x.m > thin && x.n > thin {
		return false
	}
	if x.n == 1 && !x.b.trans && x.b.ld == 1 { // one column is its own transpose
		x.b.trans, x.b.ld = true, x.k
	}
	if !x.b.trans {
		return false
	}
	x.i0, x.j0 = 0, 0
	if x.m >= x.n {
		x.phase = dotsByRow
		p.Run(x, x.m, max(1, dotChunk/(x.n*x.k)))
	} else {
		x.phase = dotsByColumn
		p.Run(x, x.n, max(1, dotChunk/(x.m*x.k)))
	}
	return true
}

// dots computes the rows iLo, … and columns jLo, … of C.
func (x *product[T]) dots(iLo, iHi, jLo, jHi int) {
	for i := iLo; i < iHi; i++ {
		a := x.a.x[i*x.a.ld : i*x.a.ld+x.k]
		for j := jLo; j < jHi; j++ {
			c := &x.c[i*x.ldc+j]
			s := x.alpha * simd.Dot(a, x.b.x[j*x.b.ld:j*x.b.ld+x.k])
			if x.beta != 0 {
				s += x.beta * *c
			}
			*c = s
		}
	}
	x.finish(iLo, iHi, jLo, jHi)
}
