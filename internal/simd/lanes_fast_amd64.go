//go:build !purego

package simd

// conjDotsFast runs the assembly twin of the active level and reports whether there is
// one.
func conjDotsFast(x *ConjSums) bool {
	const bytes = 8
	switch Active() {
	case AVX512:
		conjDotF64AVX512(x.M, x.N, &x.A[0], x.NextA*bytes, x.LdA*bytes, &x.B[0], x.LdB*bytes, x.Im*bytes, &x.Base[0],
			x.NextBase*bytes, &x.Scale[0], &x.Out[0], x.NextOut*bytes, Lanes*bytes)
	case AVX2:
		conjDotF64AVX2(x.M, x.N, &x.A[0], x.NextA*bytes, x.LdA*bytes, &x.B[0], x.LdB*bytes, x.Im*bytes, &x.Base[0],
			x.NextBase*bytes, &x.Scale[0], &x.Out[0], x.NextOut*bytes, Lanes*bytes)
	default:
		return false
	}
	return true
}
