package lin

import "math"

// secular solves
//
//	f(λ) = 1/ρ + Σ_j z_j²/(d_j − λ) = 0,   ρ > 0, d ascending and apart, z_j ≠ 0,
//
// for its root i, between d_i and d_{i+1}, or, for the last, above d_{k−1}. It returns λ and
// stores d_j − λ in delta, each right to rounding: λ is found as its distance from the
// nearer pole.
//
// On each side of λ the sum is replaced by a pole and a constant with its value and its
// slope, whose root is the next guess: it converges quadratically. A guess outside the
// bracket is its midpoint.
//
// Source: R.-C. Li. Solving secular equations stably and efficiently. LAPACK Working
// Note 89, 1993.
func secular(i int, d, z []float64, rho float64, delta []float64) (lambda float64) {
	k := len(d)
	if k == 1 {
		step := rho * z[0] * z[0]
		delta[0] = -step
		return d[0] + step
	}
	s := secularRoot{d: d, z: z, delta: delta, rhoInv: 1 / rho, difference: 1}
	mu := s.find(i, rho)
	return d[s.origin] + mu
}

// secularRow is secular for the singular values of a matrix that has z in its first row
// and below it d on its diagonal, d₀ = 0:
//
//	f(σ) = 1 + Σ_j z_j²/(d_j² − σ²) = 0.
//
// It returns σ and stores d_j² − σ² in delta. Differences of squares are products, so that
// nothing is lost.
func secularRow(i int, d, z, delta []float64) (sigma float64) {
	if len(d) == 1 {
		delta[0] = -z[0] * z[0]
		return math.Abs(z[0])
	}
	s := secularRoot{d: d, z: z, delta: delta, rhoInv: 1, squares: 1}
	mu, pole := s.find(i, 1), d[s.origin]
	return pole + mu/(pole+math.Sqrt(max(0, pole*pole+mu)))
}

// find returns μ and sets the origin.
func (s *secularRoot) find(i int, rho float64) (mu float64) {
	k := len(s.d)
	s.left, s.split = i, i+1
	if i == k-1 {
		s.left, s.split = k-2, k-1
	}
	mu = s.begin(i, rho)
	for range 80 {
		g, slopeLeft, slopeRight, small := s.at(mu)
		if math.Abs(g) <= small {
			break
		}
		if g > 0 {
			s.hi = mu
		} else {
			s.lo = mu
		}
		next := mu + s.step(g, slopeLeft, slopeRight)
		if !(next > s.lo && next < s.hi) {
			next = s.lo + (s.hi-s.lo)/2
		}
		if next == mu || next == s.lo || next == s.hi {
			break
		}
		mu = next
	}
	s.at(mu)
	return mu
}

// secularRoot is the search for a root. The unknown is μ = λ − d[origin].
type secularRoot struct {
	d, z, delta []float64
	rhoInv      float64

	difference, squares float64 // which of both the poles differ by: 1, the other is 0

	left   int // the pole left of the root; for the last root, the last but one
	split  int // the first pole of the right sum
	origin int
	lo, hi float64 // the root is between
}

// begin chooses the origin and returns a first guess: the root of the two nearest poles
// with all others as they are in the middle.
func (s *secularRoot) begin(i int, rho float64) (mu float64) {
	k, d, z := len(s.d), s.d, s.z
	if i == k-1 {
		s.origin = i
		sum := 0.0
		for _, v := range z {
			sum += v * v
		}
		s.hi = rho * sum * (1 + 0x1p-40)
		return s.hi / 2
	}
	gap := (d[i+1] - d[i]) * (s.difference + s.squares*(d[i+1]+d[i]))
	s.origin = i
	g, _, _, _ := s.at(gap / 2)
	zl, zr := z[i]*z[i], z[i+1]*z[i+1]
	c := g + 2*zl/gap - 2*zr/gap
	if g >= 0 {
		s.hi = gap / 2
		a, b := c*gap+zl+zr, zl*gap
		mu = root(a, b, c)
	} else {
		s.origin, s.lo = i+1, -gap/2
		a, b := c*gap-zl-zr, zr*gap
		mu = -root(-a, b, -c)
	}
	if !(mu > s.lo && mu < s.hi) {
		mu = s.lo + (s.hi-s.lo)/2
	}
	return mu
}

// root returns the lesser root of c x² − a x + b.
func root(a, b, c float64) float64 {
	disc := math.Sqrt(math.Max(0, a*a-4*b*c))
	if a > 0 {
		return 2 * b / (a + disc)
	}
	return (a - disc) / (2 * c)
}

// at evaluates f at μ: its value, the slopes of the sums left and right, and what the
// value may be by rounding alone.
func (s *secularRoot) at(mu float64) (g, slopeLeft, slopeRight, small float64) {
	origin, square := s.d[s.origin], s.squares
	shift := s.difference + square*origin
	var left, right float64
	d, z, delta := s.d[:s.split], s.z[:s.split], s.delta[:s.split]
	for j, v := range d {
		t := (v-origin)*(square*v+shift) - mu
		delta[j] = t
		t = z[j] / t
		left += z[j] * t
		slopeLeft += t * t
	}
	d, z, delta = s.d[s.split:], s.z[s.split:len(s.d)], s.delta[s.split:len(s.d)]
	for j, v := range d {
		t := (v-origin)*(square*v+shift) - mu
		delta[j] = t
		t = z[j] / t
		right += z[j] * t
		slopeRight += t * t
	}
	g = s.rhoInv + left + right
	small = 0x1p-53 * (8*(math.Abs(left)+math.Abs(right)) + s.rhoInv + math.Abs(mu)*(slopeLeft+slopeRight))
	return g, slopeLeft, slopeRight, small
}

// step returns how far the root of the two poles is.
func (s *secularRoot) step(g, slopeLeft, slopeRight float64) float64 {
	l, r := s.delta[s.left], s.delta[s.left+1]
	c := g - l*slopeLeft - r*slopeRight
	a := (l+r)*g - l*r*(slopeLeft+slopeRight)
	b := l * r * g
	disc := math.Sqrt(math.Max(0, a*a-4*b*c))
	if s.split == len(s.d)-1 && s.origin == s.split { // beyond both poles
		if a >= 0 {
			return (a + disc) / (2 * c)
		}
		return 2 * b / (a - disc)
	}
	if a <= 0 {
		return (a - disc) / (2 * c)
	}
	return 2 * b / (a + disc)
}
