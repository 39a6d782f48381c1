package simd

//go:generate go -C gen run . -family rows -out ../rows_amd64.s -stubs ../rows_amd64.go -pkg simd

// Four is the number of rows that BothWays takes.
const Four = 4

// BothWays goes over four rows of a matrix, row i at a[i·lda:], as long as x, once:
//
//	sums[i] = Σ_j a[i,j]·x[j],    y[j] += Σ_i weights[i]·a[i,j].
//
// It is a product with a symmetric matrix of which one triangle is read. y must not
// overlap a or x.
func BothWays[T Float](a []T, lda int, x, y []T, weights, sums *[Four]T) {
	n := len(x)
	y = y[:n]
	if n == 0 {
		*sums = [Four]T{}
		return
	}
	_ = a[(Four-1)*lda+n-1]
	if bothWaysFast(n, &a[0], lda, &x[0], &y[0], &weights[0], &sums[0]) {
		return
	}
	for i := range Four {
		s, w := T(0), weights[i]
		for j, v := range a[i*lda : i*lda+n] {
			s += v * x[j]
			y[j] += w * v
		}
		sums[i] = s
	}
}
