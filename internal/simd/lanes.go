package simd

//go:generate go -C gen run . -family lanes -out ../lanes_amd64.s -stubs ../lanes_amd64.go -pkg simd

// Lanes is the number of neighbouring float64 that ConjDots takes as one element.
const Lanes = 8

// ConjSums are sums of products of complex numbers, for Lanes problems at once:
//
//	outᵢ = (baseᵢ − Σₗ aᵢₗ b̄ₗ) · scale,  i < M, l < N
//
// aᵢₗ lies at A[i·NextA+l·LdA], bₗ at B[l·LdB], the real parts of all lanes first and the
// imaginary ones Im numbers later; baseᵢ at Base[i·NextBase] and outᵢ at Out[i·NextOut],
// these with imaginary parts after the real ones. Scale is real.
type ConjSums struct {
	M, N       int
	A, B       []float64
	NextA, LdA int
	LdB, Im    int
	Base       []float64
	NextBase   int
	Scale      *[Lanes]float64
	Out        []float64
	NextOut    int
}

// ConjDots computes sums, each in the order of l and one after the other. Out may be
// Base, and elements of A and B that are not read after they are written.
func ConjDots(x ConjSums) {
	if x.M <= 0 {
		return
	}
	const both = 2 * Lanes
	_, _ = x.Base[(x.M-1)*x.NextBase+both-1], x.Out[(x.M-1)*x.NextOut+both-1]
	if x.N <= 0 {
		x.A, x.B, x.N = x.Base, x.Base, 0 // not read
	} else {
		_, _ = x.A[(x.M-1)*x.NextA+(x.N-1)*x.LdA+x.Im+Lanes-1], x.B[(x.N-1)*x.LdB+x.Im+Lanes-1]
	}
	if conjDotsFast(&x) {
		return
	}
	for i := range x.M {
		var re, im [Lanes]float64
		for l := range x.N {
			a, b := x.A[i*x.NextA+l*x.LdA:], x.B[l*x.LdB:]
			for q := range Lanes {
				re[q] += a[q]*b[q] + a[x.Im+q]*b[x.Im+q]
				im[q] += a[x.Im+q]*b[q] - a[q]*b[x.Im+q]
			}
		}
		base, out := x.Base[i*x.NextBase:], x.Out[i*x.NextOut:]
		for q, s := range x.Scale {
			out[q], out[Lanes+q] = (base[q]-re[q])*s, (base[Lanes+q]-im[q])*s
		}
	}
}
