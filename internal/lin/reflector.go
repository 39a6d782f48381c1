package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// reflect finds the reflector H = I − τ (x 1)ᵀ(x 1) with (x α) H = (0 β), overwrites x
// by its vector and returns β and τ. Where x is below 2⁻¹⁰⁰, in float64 below 2⁻²⁴⁰, of a
// matrix with entries near 1, it counts as 0 and τ is 0.
func reflect[T simd.Float](alpha T, x []T) (beta, tau T) {
	norm := simd.Norm(x)
	if norm <= negligible || epsilon[T]() > 0x1p-30 && norm <= 0x1p-100 {
		clear(x)
		return alpha, 0
	}
	a := float64(alpha)
	b := -math.Copysign(math.Hypot(a, norm), a)
	simd.Affine(x, T(1/(a-b)), x, 0)
	return T(b), T((b - a) / b)
}

// epsilon returns the distance from 1 to the next number of T, halved.
func epsilon[T simd.Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-24
	}
	return 0x1p-53
}

// compact returns the upper triangular matrix M, b×b in m, of b reflectors whose vectors
// are the rows of v, such that
//
//	H₁ H₂ … H_b = I − Vᵀ M V,
//
// from V Vᵀ, which dots holds: M_jj = τ_j, M[:j,j] = −τ_j M[:j,:j] (V Vᵀ)[:j,j].
//
// Source: R. Schreiber, C. Van Loan. A storage-efficient WY representation for products
// of Householder transformations. SIAM J. Sci. Stat. Comput. 10(1), 1989.
func compact[T simd.Float](b int, m, dots []T, ld int, tau []T) {
	for j := range b {
		for i := range j {
			s := T(0)
			for l := i; l < j; l++ {
				s += m[i*ld+l] * dots[l*ld+j]
			}
			m[i*ld+j] = -tau[j] * s
		}
		m[j*ld+j] = tau[j]
		for i := j + 1; i < b; i++ {
			m[i*ld+j] = 0
		}
	}
}
