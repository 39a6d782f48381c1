package lin

import (
	"math"

	pkgerrors "github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Lanes are as many Hermitian matrices of one order c, side by side: element (i, j)
// has its real parts from (i·c+j)·2·simd.Lanes on and its imaginary ones after them.
// Small matrices leave the vectors of a product half empty; a lane a matrix fills them,
// and an operation on complex numbers needs no more flops than it has.
//
// Of Hermitian matrices the elements on and below the diagonal are read and written.
// Results do not depend on what is in other lanes.
type Lanes []float64

// element is the numbers of an element.
const element = 2 * simd.Lanes

// NewLanes returns matrices of zeros.
func NewLanes(c int) Lanes { return make(Lanes, c*c*element) }

func (x Lanes) at(c, i, j int) []float64 { return x.from(c, i, j)[:element] }

// from returns the elements from (i, j) on.
func (x Lanes) from(c, i, j int) []float64 { return x[(i*c+j)*element:] }

// ones is a scale that does nothing.
func ones() (s [simd.Lanes]float64) {
	for i := range s {
		s[i] = 1
	}
	return s
}

// SubtractGram computes X ← X − Σ v vᴴ over n vectors of c numbers.
//
// Shapes: v n×2c×simd.Lanes, the real parts of a vector first. Cost: 4nc² flops a lane.
func (x Lanes) SubtractGram(c, n int, v []float64) {
	if n == 0 {
		return
	}
	one := ones()
	for j := range c {
		below := x.from(c, j, j)
		simd.ConjDots(simd.ConjSums{
			M: c - j, N: n, A: v[j*simd.Lanes:], NextA: simd.Lanes, LdA: c * element, B: v[j*simd.Lanes:],
			LdB: c * element, Im: c * simd.Lanes,
			Base: below, NextBase: c * element, Scale: &one, Out: below, NextOut: c * element,
		})
	}
}

// SetScaled stores I + G·scale, a scale a lane.
func (x Lanes) SetScaled(c int, g Lanes, scale *[simd.Lanes]float64) {
	for i := range c {
		simd.ConjDots(simd.ConjSums{M: i + 1, Base: g.from(c, i, 0), NextBase: element, Scale: scale,
			Out: x.from(c, i, 0), NextOut: element})
		pivot := x.at(c, i, i)
		for l := range simd.Lanes {
			pivot[l]++
		}
	}
}

// Cholesky overwrites X by L of X = L Lᴴ, whose diagonal is real, and stores the
// reciprocals of the diagonal and log det X, in nats.
//
// Shapes: inv c lanes. Errors: that of Cholesky, for the first lane that has one; X is
// then spoilt. Cost: 4c³/3 flops a lane.
func (x Lanes) Cholesky(c int, inv [][simd.Lanes]float64, logdet *[simd.Lanes]float64) error {
	one := ones()
	*logdet = [simd.Lanes]float64{}
	for j := range c {
		row, pivot := x.from(c, j, 0), x.at(c, j, j)
		sums := simd.ConjSums{M: 1, N: j, A: row, LdA: element, B: row, LdB: element, Im: simd.Lanes, Base: pivot,
			Scale: &one, Out: pivot}
		simd.ConjDots(sums)
		for l, d := range pivot[:simd.Lanes] {
			switch {
			case math.IsNaN(d) || math.IsInf(d, 0):
				return pkgerrors.Wrapf(ErrNotFinite, "lin: Cholesky of matrix %d of the lanes: pivot %d is %g", l, j, d)
			case d <= 0:
				return pkgerrors.Wrapf(ErrNotPositiveDefinite,
					"lin: Cholesky of matrix %d of the lanes: pivot %d is %g", l, j, d)
			}
			logdet[l] += math.Log(d)
			pivot[l] = math.Sqrt(d)
			inv[j][l] = 1 / pivot[l]
		}
		clear(pivot[simd.Lanes:])
		if j == c-1 {
			break
		}
		below := x.from(c, j+1, j)
		sums.M, sums.A, sums.NextA, sums.Scale = c-j-1, x.from(c, j+1, 0), c*element, &inv[j]
		sums.Base, sums.NextBase, sums.Out, sums.NextOut = below, c*element, below, c*element
		simd.ConjDots(sums)
	}
	return nil
}

// Inverse stores a·(L Lᴴ)⁻¹ in out, given L and inv of Cholesky: with Y = L⁻ᴴ, column by
// column,
//
//	Y[j,i] = −Σₖ Y[j,k] L̄[i,k] / L[i,i],  k < i,     (L Lᴴ)⁻¹ = Y Yᴴ
//
// Shapes: y as X; out 2×c×c lanes, real parts first, all elements. Cost: 4c³ flops a
// lane.
func (x Lanes) Inverse(c int, inv [][simd.Lanes]float64, a float64, y Lanes, out []float64) {
	var zero [element]float64
	minus := ones()
	for l := range minus {
		minus[l] = -a
	}
	clear(y)
	for i := range c {
		simd.ConjDots(simd.ConjSums{
			M: i, N: i, A: y, NextA: c * element, LdA: element, B: x.from(c, i, 0), LdB: element, Im: simd.Lanes,
			Base: zero[:], Scale: &inv[i], Out: y.from(c, 0, i), NextOut: c * element,
		})
		copy(y.at(c, i, i), inv[i][:])
	}
	for i := range c { // column i of the product, from above to the diagonal; y above it is done with
		simd.ConjDots(simd.ConjSums{
			M: i + 1, N: c - i, A: y.from(c, 0, i), NextA: c * element, LdA: element, B: y.from(c, i, i), LdB: element,
			Im:   simd.Lanes,
			Base: zero[:], Scale: &minus, Out: y.from(c, 0, i), NextOut: c * element,
		})
	}
	y.spread(c, out)
}

// FirstOrder stores a·(2I − L Lᴴ) in out, as Inverse does.
func (x Lanes) FirstOrder(c int, a float64, y Lanes, out []float64) {
	scale := ones()
	for l := range scale {
		scale[l] = a
	}
	clear(y)
	for i := range c {
		for l := range simd.Lanes {
			y.at(c, i, i)[l] = 2
		}
		column := y.from(c, 0, i)
		for j := range i + 1 { // element (j, i) has j+1 terms
			simd.ConjDots(simd.ConjSums{
				M: 1, N: j + 1, A: x.from(c, j, 0), LdA: element, B: x.from(c, i, 0), LdB: element, Im: simd.Lanes,
				Base: column[j*c*element:], Scale: &scale, Out: column[j*c*element:],
			})
		}
	}
	y.spread(c, out)
}

// spread stores the matrices of which X has the elements on and above the diagonal.
func (x Lanes) spread(c int, out []float64) {
	const w = simd.Lanes
	imaginary := out[c*c*w:]
	for i := range c {
		for j := range i + 1 {
			above := (*[element]float64)(x.at(c, j, i))
			here, mirror := (i*c+j)*w, (j*c+i)*w
			*(*[w]float64)(out[here:]), *(*[w]float64)(out[mirror:]) = [w]float64(above[:w]), [w]float64(above[:w])
			*(*[w]float64)(imaginary[mirror:]) = [w]float64(above[w:])
			for l, v := range above[w:] {
				imaginary[here+l] = 0 - v
			}
		}
	}
}
