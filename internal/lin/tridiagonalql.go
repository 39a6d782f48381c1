package lin

import "math"

// qlSweeps is how often a row may be swept until an eigenvalue is found; a few do.
const qlSweeps = 60

// negligible is what counts as 0 beside d in a matrix with entries near 1: squares of less
// are out of range.
const negligible = 0x1p-240

// ql overwrites the diagonal d by the eigenvalues, ascending, of the tridiagonal matrix
// with e beside it, which is spoilt, and, if z is not nil, the rows of z, n×n, of the unit
// matrix, by the eigenvectors: implicit QL iterations. It reports whether they converged.
//
// Source: A. Dubrulle, R. Martin, J. Wilkinson. The implicit QL algorithm. Numerische
// Mathematik 12, 1968.
func ql(d, e, z []float64) (ok bool) {
	n := len(d)
	for l := range n {
		for sweep := 0; ; sweep++ {
			m := l
			for ; m < n-1; m++ {
				if scale := math.Abs(d[m]) + math.Abs(d[m+1]); math.Abs(e[m]) <= max(0x1p-53*scale, negligible) {
					break
				}
			}
			if m == l {
				break
			}
			if sweep == qlSweeps {
				return false
			}
			qlSweep(d, e, z, l, m)
		}
	}
	for i := range n { // select the least
		least := i
		for j := i + 1; j < n; j++ {
			if d[j] < d[least] {
				least = j
			}
		}
		if least != i {
			d[i], d[least] = d[least], d[i]
			if z != nil {
				for j := range n {
					z[i*n+j], z[least*n+j] = z[least*n+j], z[i*n+j]
				}
			}
		}
	}
	return true
}

// qlSweep chases the bulge through rows m, …, l.
func qlSweep(d, e, z []float64, l, m int) {
	n := len(d)
	g := (d[l+1] - d[l]) / (2 * e[l])
	g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
	s, c, p := 1.0, 1.0, 0.0
	i := m - 1
	for ; i >= l; i-- {
		f, b := s*e[i], c*e[i]
		r := math.Hypot(f, g)
		if i+1 < m {
			e[i+1] = r
		}
		if r == 0 { // the matrix splits here
			d[i+1] -= p
			if m < n-1 {
				e[m] = 0
			}
			return
		}
		s, c = f/r, g/r
		g = d[i+1] - p
		r = (d[i]-g)*s + 2*c*b
		p = s * r
		d[i+1] = g + p
		g = c*r - b
		if z != nil {
			lower, upper := z[i*n:(i+1)*n], z[(i+1)*n:(i+2)*n]
			for j, v := range lower {
				w := upper[j]
				upper[j] = s*v + c*w
				lower[j] = c*v - s*w
			}
		}
	}
	d[l] -= p
	e[l] = g
	if m < n-1 {
		e[m] = 0
	}
}
