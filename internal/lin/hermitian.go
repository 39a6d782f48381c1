package lin

// HermitianForm stores in m the real form
//
//	[ A  −B ]
//	[ B   A ]        A + iB = α Σ v vᴴ
//
// of a sum over complex vectors v = x + iy of length c, given the Gram matrix g of
// their rows (x, y), as Gram computes it.
//
// The real routines do to a real form what complex ones would do to the Hermitian
// matrix H = A + iB. It is positive definite where H is; LogDet of its Cholesky factor
// is 2 log det H; CholInverse gives the real form of H⁻¹, and CholSolve of the rows
// (x; y) those of the solution. That costs twice the flops of complex arithmetic, and
// takes the micro-kernels of real products, which are worth more.
//
// Shapes: m and g 2c×2c, contiguous. m may be g. Cost: 4c² flops.
func HermitianForm(c int, alpha float64, g, m []float64) {
	d := 2 * c
	for i := range c {
		for j := range i + 1 {
			re := alpha * (g[i*d+j] + g[(c+i)*d+c+j])
			im := alpha * (g[(c+i)*d+j] - g[i*d+c+j]) // of H[i,j]; H[j,i] has −im
			m[i*d+j], m[j*d+i], m[(c+i)*d+c+j], m[(c+j)*d+c+i] = re, re, re, re
			m[(c+i)*d+j], m[j*d+c+i], m[i*d+c+j], m[(c+j)*d+i] = im, im, -im, -im
		}
	}
}
