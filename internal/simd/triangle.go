package simd

//go:generate go -C gen run . -family triangle -out ../triangle_amd64.s -stubs ../triangle_amd64.go -pkg simd

// Triangle is a micro-kernel of triangular systems; it goes with the float64
// Tile. Solve overwrites X by the solution of L·X = X for a lower triangular L:
//
//	X[i,j] = (X[i,j] − Σ_{p<i} L[i,p]·X[p,j])·inv[i],   i < rows, j < Cols.
//
// L[i,p] is at l + i·rs + p·cs, inv[i], the reciprocal of the diagonal, at
// inv + i·is, X[i,j] at x + i·ldx + j; strides may be negative. 1 ≤ rows ≤ Rows;
// all Cols columns are read and written. Nothing is checked.
type Triangle struct {
	Rows, Cols int
	whole      func(l *float64, rs, cs int, inv *float64, is int, x *float64, ldx int)
}

// NewTriangle returns the micro-kernel of the active level.
func NewTriangle() Triangle { return triangleFor(Active()) }

// Solve is the kernel.
func (t *Triangle) Solve(rows int, l *float64, rs, cs int, inv *float64, is int, x *float64, ldx int) {
	if rows == t.Rows && t.whole != nil {
		t.whole(l, rs, cs, inv, is, x, ldx)
		return
	}
	for i := range rows {
		for j := range t.Cols {
			s := *at(x, i*ldx+j)
			for p := range i {
				s -= *at(l, i*rs+p*cs) * *at(x, p*ldx+j)
			}
			*at(x, i*ldx+j) = s * *at(inv, i*is)
		}
	}
}
