// Package fourier is fast discrete Fourier transforms of many signals of one length.
//
//	X(p) = Σₜ x(t) exp(−2πi pt/n),  p = 0, …, n−1
//
// # Method
//
// Cooley and Tukey's splitting in the order of Stockham, which needs no reversal of
// digits: a stage of radix r with s = the product of the radices before it takes,
// for each p < m = n/(rs),
//
//	y[s(rp+k′)+q] = exp(−2πi pk′/(rm)) Σₖ x[s(p+mk)+q] exp(−2πi kk′/r),  q < s
//
// from one buffer to another. Radices are 4, 2 and the odd primes up to LargestPrime;
// a length with a larger one is a convolution of a length that is a power of two
// (Bluestein). Signals lie side by side, in lanes: an element of the formulas is a row
// of one number of each, real and imaginary parts apart, so that all arithmetic is on
// vectors, of s rows at a time, and needs no shuffles.
//
// # Numerics
//
// Roots of unity are good to the last place of T; the error of a transform is a small
// multiple of log n in that place. No lane sees another: a NaN stays in its signal.
//
// # References
//
//  1. C. Van Loan. Computational frameworks for the fast Fourier transform. SIAM 1992.
//  2. L. Bluestein. A linear filtering approach to the computation of the discrete
//     Fourier transform. IEEE Trans. Audio and Electroacoustics 18(4), 1970.
package fourier

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// LargestPrime is the largest radix: a prime r takes r operations a number, and a
// convolution about as many as this.
const LargestPrime = 61

// A Plan is the complex transform of one length. It is not changed by its use.
type Plan[T simd.Float] struct {
	n      int
	stages []stage[T]
	chirp  *chirp[T] // instead of stages; nil for none
}

// NewPlan returns the plan of length n, at least 1.
func NewPlan[T simd.Float](n int) *Plan[T] {
	p := &Plan[T]{n: n}
	radices, rest := factor(n)
	if rest > 1 {
		p.chirp = newChirp[T](n)
		return p
	}
	s := 1
	for _, r := range radices {
		p.stages = append(p.stages, newStage[T](r, s, n/(r*s)))
		s *= r
	}
	return p
}

// factor returns the radices of n, and what is left: 1, or a product of primes above
// the largest.
func factor(n int) (radices []int, rest int) {
	for _, r := range []int{4, 2} {
		for ; n%r == 0; n /= r {
			radices = append(radices, r)
		}
	}
	for r := 3; r <= LargestPrime; r += 2 {
		for ; n%r == 0; n /= r {
			radices = append(radices, r)
		}
	}
	return radices, n
}

// Cost returns the operations on numbers, a number of the signal, that the complex
// transform of length n takes: what its time is proportional to. Those of a convolution
// count 2½ times, for their buffers leave the cache, as measured.
func Cost(n int) (cost float64) {
	radices, rest := factor(n)
	if rest > 1 {
		m := convolution(n)
		return 2.5 * (6 + float64(m)/float64(n)*(2*Cost(m)+2))
	}
	for _, r := range radices {
		switch half := float64(r / 2); r {
		case 2:
			cost += 3
		case 4:
			cost += 5.5
		default:
			cost += half * (14 + 4*half) / float64(r)
		}
	}
	return cost
}

// CostReal is Cost for Real.
func CostReal(n int) float64 {
	if n%2 == 1 {
		return Cost(n) + 1
	}
	return (Cost(n/2) + 5) / 2
}

// Planes are complex rows: that of t has its real parts at Re[t·LdRe] and its imaginary
// ones at Im[t·LdIm].
type Planes[T simd.Float] struct {
	Re, Im     []T
	LdRe, LdIm int
}

// NewPlanes returns rows of lanes in memory of 2·n·lanes numbers.
func NewPlanes[T simd.Float](x []T, n, lanes int) Planes[T] {
	return Planes[T]{x[:n*lanes], x[n*lanes : 2*n*lanes], lanes, lanes}
}

// Swapped returns the rows with real and imaginary parts exchanged. The inverse
// transform, but for a factor of n, is Transform from swapped rows to swapped rows.
func (x Planes[T]) Swapped() Planes[T] { return Planes[T]{x.Im, x.Re, x.LdIm, x.LdRe} }

// Work returns how many numbers of scratch Transform needs.
func (p *Plan[T]) Work(lanes int) int {
	if p.chirp != nil {
		return p.chirp.work(lanes)
	}
	most := 0
	for _, s := range p.stages {
		most = max(most, s.work())
	}
	return 2*p.n*lanes + most
}

// Transform stores the transform of src in dst.
//
// Shapes: src n rows of lanes numbers, any distance apart; dst as NewPlanes makes
// it; work as long as Work says. They must not overlap. Cost: about 5n log₂ n flops a
// lane.
func (p *Plan[T]) Transform(dst, src Planes[T], lanes int, work []T) {
	switch {
	case p.chirp != nil:
		p.chirp.transform(dst, src, lanes, work)
		return
	case len(p.stages) == 0:
		copy(dst.Re[:lanes], src.Re)
		copy(dst.Im[:lanes], src.Im)
		return
	}
	other, temps := NewPlanes(work, p.n, lanes), work[2*p.n*lanes:]
	for i := range p.stages {
		to := dst
		if (len(p.stages)-1-i)%2 == 1 {
			to = other
		}
		p.stages[i].run(to, src, lanes, temps)
		src = to
	}
}

// root returns cos 2πk/n and sin 2πk/n, exact at multiples of a quarter.
func root(k, n int) (cos, sin float64) {
	k %= n
	quarter := 4 * k / n
	sin, cos = math.Sincos(math.Pi / 2 * float64(4*k-quarter*n) / float64(n))
	switch quarter {
	case 1:
		return -sin, cos
	case 2:
		return -cos, -sin
	case 3:
		return sin, -cos
	}
	return cos, sin
}
