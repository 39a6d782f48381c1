package fourier

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Real is the unitary transform of real signals of one length, without the half of the
// frequencies that conjugate symmetry gives, and its adjoint:
//
//	x̂(p) = w(p)/√n · Σₜ x(t) exp(−2πi pt/n),  p = 0, …, ⌊n/2⌋
//
// w is 1 for p = 0 and p = n/2 and √2 for the others, so that ‖x̂‖ = ‖x‖ and the adjoint
// is the inverse. A signal of even length is a complex one of half the length,
// z(t) = x(2t) + i x(2t+1), whose transform Z gives x̂ by
//
//	x̂(p) ∝ E(p) + exp(−2πi p/n) O(p),  E, iO = (Z(p) ± Z̄(n/2−p))/2
type Real[T simd.Float] struct {
	n        int
	plan     *Plan[T] // of n/2, or of n if that is odd
	cos, sin []T      // of 2πp/n, for even n
}

// NewReal returns the transform of length n, at least 1.
func NewReal[T simd.Float](n int) *Real[T] {
	if n%2 == 1 {
		return &Real[T]{n: n, plan: NewPlan[T](n)}
	}
	x := &Real[T]{n: n, plan: NewPlan[T](n / 2)}
	for p := range n/4 + 1 {
		cos, sin := root(p, n)
		x.cos, x.sin = append(x.cos, T(cos)), append(x.sin, T(sin))
	}
	return x
}

// Freqs returns the number of frequencies, ⌊n/2⌋+1.
func (x *Real[T]) Freqs() int { return x.n/2 + 1 }

// Work returns how many numbers of scratch the transforms need.
func (x *Real[T]) Work(lanes int) int {
	return 4*x.plan.n*lanes + 6*lanes + x.plan.Work(lanes)
}

// planes cuts scratch into two transforms, six rows and the rest.
func (x *Real[T]) planes(lanes int, work []T) (a, b Planes[T], six rowsOf[T], rest []T) {
	n, size := x.plan.n, 2*x.plan.n*lanes
	a, b, work = NewPlanes(work, n, lanes), NewPlanes(work[size:], n, lanes), work[2*size:]
	return a, b, rowsOf[T]{work, lanes}, work[6*lanes:]
}

// rowsOf are rows of n numbers one after the other.
type rowsOf[T simd.Float] struct {
	x []T
	n int
}

func (r rowsOf[T]) at(i int) []T { return r.x[i*r.n : (i+1)*r.n] }

// scales returns the weights w/√n of frequencies of which one is kept, and of two.
func (x *Real[T]) scales() (one, two T) {
	return T(1 / math.Sqrt(float64(x.n))), T(math.Sqrt(2 / float64(x.n)))
}

// Forward stores the spectra of signals.
//
// Shapes: x n rows of lanes numbers, ld apart; out (2·Freqs)×lanes, the real parts of
// all frequencies and then the imaginary ones; work as long as Work says. They must not
// overlap.
func (x *Real[T]) Forward(out []T, in []T, ld, lanes int, work []T) {
	z, _, row, rest := x.planes(lanes, work)
	spectrum := NewPlanes(out, x.Freqs(), lanes)
	if x.n%2 == 1 {
		none := row.at(0)
		clear(none)
		x.plan.Transform(z, Planes[T]{in, none, ld, 0}, lanes, rest)
		x.cut(spectrum, z, lanes)
		return
	}
	x.plan.Transform(z, Planes[T]{in, in[ld:], 2 * ld, 2 * ld}, lanes, rest)
	x.split(spectrum, z, lanes, row)
}

// cut keeps half of the frequencies of an odd length.
func (x *Real[T]) cut(out, z Planes[T], lanes int) {
	one, two := x.scales()
	simd.Affine(out.Re[:lanes], one, z.Re[:lanes], 0)
	clear(out.Im[:lanes])
	simd.Affine(out.Re[lanes:], two, z.Re[lanes:len(out.Re)], 0)
	simd.Affine(out.Im[lanes:], two, z.Im[lanes:len(out.Im)], 0)
}

// split makes the spectrum of an even length.
func (x *Real[T]) split(out, z Planes[T], lanes int, row rowsOf[T]) {
	m := x.n / 2
	one, two := x.scales()
	first, last := out.row(0, lanes), out.row(m, lanes)
	r, i := z.row(0, lanes).at(0)
	simd.Combine(first.re[:lanes], one, r, one, i, 0)
	simd.Combine(last.re[:lanes], one, r, -one, i, 0)
	clear(first.im[:lanes])
	clear(last.im[:lanes])
	er, ei, or, oi, tr, ti := row.at(0), row.at(1), row.at(2), row.at(3), row.at(4), row.at(5)
	for p := 1; 2*p < m; p++ {
		r, i := z.row(p, lanes).at(0)
		mr, mi := z.row(m-p, lanes).at(0)
		simd.Combine(er, two/2, r, two/2, mr, 0)
		simd.Combine(ei, two/2, i, -two/2, mi, 0)
		simd.Combine(or, two/2, i, two/2, mi, 0)
		simd.Combine(oi, two/2, mr, -two/2, r, 0)
		simd.Combine(tr, x.cos[p], or, x.sin[p], oi, 0)
		simd.Combine(ti, x.cos[p], oi, -x.sin[p], or, 0)
		a, b := out.row(p, lanes), out.row(m-p, lanes)
		simd.Add(a.re[:lanes], er, tr)
		simd.Add(a.im[:lanes], ei, ti)
		simd.Sub(b.re[:lanes], er, tr)
		simd.Sub(b.im[:lanes], ti, ei)
	}
	if m%2 == 0 {
		r, i := z.row(m/2, lanes).at(0)
		middle := out.row(m/2, lanes)
		simd.Affine(middle.re[:lanes], two, r, 0)
		simd.Affine(middle.im[:lanes], -two, i, 0)
	}
}

// Adjoint stores the signals of spectra, or of the nearest that real signals have.
//
// Shapes: out n×lanes, in and work as in Forward.
func (x *Real[T]) Adjoint(out []T, in []T, lanes int, work []T) {
	z, y, row, rest := x.planes(lanes, work)
	spectrum := NewPlanes(in, x.Freqs(), lanes)
	if x.n%2 == 1 {
		x.extend(z, spectrum, lanes)
		x.plan.Transform(y.Swapped(), z.Swapped(), lanes, rest)
		copy(out[:x.n*lanes], y.Re)
		return
	}
	x.join(z, spectrum, lanes, row)
	x.plan.Transform(y.Swapped(), z.Swapped(), lanes, rest)
	simd.Copy(out, 2*lanes, y.Re, lanes, x.n/2, lanes)
	simd.Copy(out[lanes:], 2*lanes, y.Im, lanes, x.n/2, lanes)
}

// extend is the adjoint of cut.
func (x *Real[T]) extend(z, in Planes[T], lanes int) {
	one, two := x.scales()
	f := len(in.Re)
	simd.Affine(z.Re[:lanes], one, in.Re[:lanes], 0)
	clear(z.Im[:lanes])
	simd.Affine(z.Re[lanes:f], two, in.Re[lanes:], 0)
	simd.Affine(z.Im[lanes:f], two, in.Im[lanes:], 0)
	clear(z.Re[f:])
	clear(z.Im[f:])
}

// join is the adjoint of split.
func (x *Real[T]) join(z, in Planes[T], lanes int, row rowsOf[T]) {
	m := x.n / 2
	one, two := x.scales()
	first, last := in.row(0, lanes), in.row(m, lanes)
	r, i := z.row(0, lanes).at(0)
	simd.Combine(r, one, first.re[:lanes], one, last.re[:lanes], 0)
	simd.Combine(i, one, first.re[:lanes], -one, last.re[:lanes], 0)
	er, ei, ur, ui, or, oi := row.at(0), row.at(1), row.at(2), row.at(3), row.at(4), row.at(5)
	for p := 1; 2*p < m; p++ {
		r, i := in.row(p, lanes).at(0)
		mr, mi := in.row(m-p, lanes).at(0)
		simd.Combine(er, two/2, r, two/2, mr, 0)
		simd.Combine(ei, two/2, i, -two/2, mi, 0)
		simd.Combine(ur, two/2, r, -two/2, mr, 0)
		simd.Combine(ui, two/2, i, two/2, mi, 0)
		simd.Combine(or, x.cos[p], ur, -x.sin[p], ui, 0)
		simd.Combine(oi, x.cos[p], ui, x.sin[p], ur, 0)
		a, b := z.row(p, lanes), z.row(m-p, lanes)
		simd.Sub(a.re[:lanes], er, oi)
		simd.Add(a.im[:lanes], ei, or)
		simd.Add(b.re[:lanes], er, oi)
		simd.Sub(b.im[:lanes], or, ei)
	}
	if m%2 == 0 {
		r, i := in.row(m/2, lanes).at(0)
		middle := z.row(m/2, lanes)
		simd.Affine(middle.re[:lanes], two, r, 0)
		simd.Affine(middle.im[:lanes], -two, i, 0)
	}
}
