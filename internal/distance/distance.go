// Package distance compares rows of numbers by their squared Euclidean distances: at the speed of products, with
// the answers of differences.
//
// # Method
//
// With a shift μ and a scale s, a power of two, that are the same for all rows, let x̂ = s(x − μ). Then
//
//	s²‖x − c‖² = ‖x̂‖² + (‖ĉ‖² − 2 x̂ᵀĉ),
//
// and what is in parentheses, the score of c for x, orders the rows c by their distance to x. Scores are computed in
// float32, at twice the rate of float64: tiles of a product, of copies of x̂ that are packed once and of ĉ. Where two
// scores differ by less than their errors can be, the distances are computed by Squared, and they decide. So every
// answer is that of Squared for all pairs, to the bit, on any number of workers and at any level of instructions.
//
// # The bound
//
// With u = 2⁻²⁴, a sum of d products in blocks of b has an error of at most γ‖x̂‖‖ĉ‖, γ = (min(d, b) + 2⌈d/b⌉ + 2)u to
// the first order; rounding x̂ and ĉ to float32 adds 2u‖x̂‖‖ĉ‖; the norm, and the score itself, add u(2‖ĉ‖² +
// 2‖x̂‖‖ĉ‖). So a score is off by at most
//
//	E = (2γ + 7u)‖x̂‖‖ĉ‖ + 3u‖ĉ‖² + d·2⁻⁸⁰,
//
// the last for what underflows. Squared is off by a factor within 1 ± ν, ν = (d+8)·2⁻⁵³. Of two rows whose scores
// differ by more than 2E + 4ν(‖x̂‖ + ‖ĉ‖)², for the larger ‖ĉ‖, the one with the lower score is nearer by Squared too.
//
// Reference: Higham. Accuracy and stability of numerical algorithms. SIAM 2002, section 3.1.
package distance

// Squared returns ‖a − b‖², summed from the first element on.
func Squared(a, b []float64) (sum float64) {
	b = b[:len(a)]
	for i, v := range a {
		v -= b[i]
		sum += float64(v * v) // not fused
	}
	return sum
}

// squaredFour is four times Squared: of b and each row of a. The sums do not wait for each other.
func squaredFour(a *[4][]float64, b []float64) (s [4]float64) {
	n := len(b)
	a0, a1, a2, a3 := a[0][:n], a[1][:n], a[2][:n], a[3][:n]
	var s0, s1, s2, s3 float64
	for i, v := range b {
		d0, d1, d2, d3 := a0[i]-v, a1[i]-v, a2[i]-v, a3[i]-v
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
	}
	return [4]float64{s0, s1, s2, s3}
}
