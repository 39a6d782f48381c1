package lin

import "github.com/whitebox-nn/whitebox/internal/par"

// CholSolve overwrites B by X, where
//
//	L Lᵀ X = B.
//
// Shapes: l n×n, of which the lower triangle is read; b n×nrhs. b must not
// overlap l. Cost: 2n²·nrhs flops.
func CholSolve(p *par.Pool, n, nrhs int, l []float64, ldl int, b []float64, ldb int) {
	for i := range n {
		ri := b[i*ldb : i*ldb+nrhs]
		for j := range i {
			axpyNaive(-l[i*ldl+j], b[j*ldb:j*ldb+nrhs], ri)
		}
		for c := range ri {
			ri[c] /= l[i*ldl+i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		ri := b[i*ldb : i*ldb+nrhs]
		for j := i + 1; j < n; j++ {
			axpyNaive(-l[j*ldl+i], b[j*ldb:j*ldb+nrhs], ri)
		}
		for c := range ri {
			ri[c] /= l[i*ldl+i]
		}
	}
}

func axpyNaive(alpha float64, x, y []float64) {
	for i, v := range x {
		y[i] += alpha * v
	}
}

// CholInverse stores in inv the inverse
//
//	(L Lᵀ)⁻¹,
//
// which is symmetric, both triangles filled.
//
// Shapes: l n×n, of which the lower triangle is read; inv n×n. inv must not
// overlap l. Cost: 2n³/3 flops.
func CholInverse(p *par.Pool, n int, l []float64, ldl int, inv []float64, ldinv int) {
	for i := range n {
		row := inv[i*ldinv : i*ldinv+n]
		clear(row)
		row[i] = 1
	}
	CholSolve(p, n, n, l, ldl, inv, ldinv)
	for i := range n {
		for j := range i {
			inv[j*ldinv+i] = inv[i*ldinv+j]
		}
	}
}
