package fourier

import "github.com/whitebox-nn/whitebox/internal/simd"

// A chirp is the transform of length n by a convolution, with pt = (p² + t² − (p−t)²)/2:
//
//	X(p) = b̄(p) Σₜ x(t) b̄(t) b(p−t),  b(t) = exp(πi t²/n)
//
// which a transform of a length of at least 2n−1, a power of two, turns into products.
type chirp[T simd.Float] struct {
	n, m     int
	plan     *Plan[T]
	cos, sin []T // of πt²/n, t < n
	re, im   []T // transform of b, cyclic, divided by m
}

// convolution returns the length of the transforms that one of length n takes.
func convolution(n int) int {
	m := 1
	for m < 2*n-1 {
		m *= 2
	}
	return m
}

func newChirp[T simd.Float](n int) *chirp[T] {
	m := convolution(n)
	x := &chirp[T]{n: n, m: m, plan: NewPlan[T](m), cos: make([]T, n), sin: make([]T, n)}
	wide := NewPlan[float64](m)
	b, out := NewPlanes(make([]float64, 2*m), m, 1), NewPlanes(make([]float64, 2*m), m, 1)
	for t := range n {
		cos, sin := root(t*t%(2*n), 2*n)
		x.cos[t], x.sin[t] = T(cos), T(sin)
		b.Re[t], b.Im[t] = cos/float64(m), sin/float64(m)
		b.Re[(m-t)%m], b.Im[(m-t)%m] = b.Re[t], b.Im[t]
	}
	wide.Transform(out, b, 1, make([]float64, wide.Work(1)))
	x.re, x.im = make([]T, m), make([]T, m)
	simd.Copy(x.re, m, out.Re, m, 1, m)
	simd.Copy(x.im, m, out.Im, m, 1, m)
	return x
}

func (x *chirp[T]) work(lanes int) int { return 4*x.m*lanes + x.plan.Work(lanes) }

func (x *chirp[T]) transform(dst, src Planes[T], lanes int, work []T) {
	size := 2 * x.m * lanes
	a, c, rest := NewPlanes(work, x.m, lanes), NewPlanes(work[size:], x.m, lanes), work[2*size:]
	for t := range x.n { // x b̄
		turn(a, t, src.row(t, lanes), x.cos[t], -x.sin[t], lanes)
	}
	clear(a.Re[x.n*lanes:])
	clear(a.Im[x.n*lanes:])
	x.plan.Transform(c, a, lanes, rest)
	for t := range x.m {
		turn(a, t, c.row(t, lanes), x.re[t], x.im[t], lanes)
	}
	x.plan.Transform(c.Swapped(), a.Swapped(), lanes, rest) // the inverse
	for t := range x.n {
		turn(dst, t, c.row(t, lanes), x.cos[t], -x.sin[t], lanes)
	}
}

// row returns row t.
func (x Planes[T]) row(t, lanes int) rows[T] {
	return rows[T]{re: x.Re[t*x.LdRe:], im: x.Im[t*x.LdIm:], n: lanes}
}

// turn stores (re + i im) x in row t of dst.
func turn[T simd.Float](dst Planes[T], t int, x rows[T], re, im T, lanes int) {
	xr, xi := x.at(0)
	to := dst.row(t, lanes)
	simd.Combine(to.re[:lanes], re, xr, -im, xi, 0)
	simd.Combine(to.im[:lanes], re, xi, im, xr, 0)
}
