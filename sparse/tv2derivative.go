package sparse

import (
	"cmp"
	"math"
)

// Derivative implements Smooth. Where the solution u has the gradient 0 it stays
// constant; elsewhere only the part of the gradient across its direction costs, as
// the length of a vector does that turns. So J d is the solution w of
//
//	min ½‖w − d‖² + τ/2 Σ ⟨tᵢ, ∇wᵢ⟩²/|∇uᵢ|   subject to  ∇wᵢ = 0 where ∇uᵢ = 0,
//
// tᵢ the unit vector across ∇uᵢ, a linear system in the means of the constant pieces,
// solved by conjugate gradients. u is known to √Tol·‖v‖: a gradient that is at most
// twice that is 0.
//
// Reference: Deledalle, Vaiter, Peyré, Fadili. Stein unbiased gradient estimator of
// the risk (SUGAR) for multiple parameter selection. SIAM J. Imaging Sci. 7(4),
// 2014, who differentiate an iteration; this differentiates its limit.
func (g TV2) Derivative(dst, v, u []float64, tau float64) {
	if !fits(dst, len(v), len(u) == len(v) && g.Check(len(v)) == nil) {
		return
	}
	kept := make([]float64, len(v))
	g.Prox(kept, v, tau)
	l := g.linearised(kept, tau, 2*math.Sqrt(cmp.Or(g.Tol, 1e-8))*norm(v))
	w := l.solve(l.sums(u))
	for at, piece := range l.piece {
		dst[at] = w[piece]
	}
}

// A turning is a pixel whose gradient is not 0: ⟨t, ∇w⟩² weighs τ/|∇u|.
type turning struct {
	at, right, down int     // pieces: its own, and those of the pixels right and below
	x, y            float64 // t·√(τ/|∇u|)
}

// tvLinearised is the quadratic problem of the pieces.
type tvLinearised struct {
	piece []int     // of each pixel
	size  []float64 // pixels of each piece
	turns []turning
}

// linearised finds the pieces where the gradient of u is at most flat, and the turnings.
func (g TV2) linearised(u []float64, tau, flat float64) *tvLinearised {
	l := &tvLinearised{piece: g.pieces(u, flat)}
	for _, k := range l.piece {
		if k == len(l.size) {
			l.size = append(l.size, 0)
		}
		l.size[k]++
	}
	g.each(func(at int, right, down bool) {
		dx, dy := differences(u, at, g.Cols, right, down)
		length := math.Hypot(dx, dy)
		if !(length > flat) {
			return
		}
		scale := math.Sqrt(tau/length) / length
		t := turning{at: l.piece[at], right: l.piece[at], down: l.piece[at], x: -dy * scale, y: dx * scale}
		if right {
			t.right = l.piece[at+1]
		}
		if down {
			t.down = l.piece[at+g.Cols]
		}
		l.turns = append(l.turns, t)
	})
	return l
}

// pieces returns the number of each pixel's piece, from 0 in the order of their first
// pixels: pixels that a gradient of at most flat joins are of one.
func (g TV2) pieces(u []float64, flat float64) []int {
	parent := make([]int, len(u)) // a forest; the root of a tree is its first pixel
	for at := range parent {
		parent[at] = at
	}
	root := func(at int) int {
		for parent[at] != at {
			parent[at] = parent[parent[at]]
			at = parent[at]
		}
		return at
	}
	join := func(a, b int) {
		a, b = root(a), root(b)
		parent[max(a, b)] = min(a, b)
	}
	g.each(func(at int, right, down bool) {
		dx, dy := differences(u, at, g.Cols, right, down)
		if math.Hypot(dx, dy) > flat {
			return
		}
		if right {
			join(at, at+1)
		}
		if down {
			join(at, at+g.Cols)
		}
	})
	count, piece := 0, make([]int, len(u))
	for at := range piece {
		if r := root(at); r != at {
			piece[at] = piece[r]
			continue
		}
		piece[at] = count
		count++
	}
	return piece
}

// sums returns the sum of d over each piece.
func (l *tvLinearised) sums(d []float64) []float64 {
	out := make([]float64, len(l.size))
	for at, x := range d {
		out[l.piece[at]] += x
	}
	return out
}

// apply stores the matrix of the problem, sizes and turnings, times w.
func (l *tvLinearised) apply(dst, w []float64) {
	for k, size := range l.size {
		dst[k] = size * w[k]
	}
	for _, t := range l.turns {
		c := t.x*(w[t.right]-w[t.at]) + t.y*(w[t.down]-w[t.at])
		dst[t.right] += c * t.x
		dst[t.down] += c * t.y
		dst[t.at] -= c * (t.x + t.y)
	}
}

// solve returns the solution for a right-hand side, which it overwrites, by conjugate
// gradients preconditioned by the sizes, to rounding.
func (l *tvLinearised) solve(r []float64) []float64 {
	n := len(r)
	w, p, ap, z := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	condition := func() (rz float64) {
		for k, x := range r {
			z[k] = x / l.size[k]
			rz += x * z[k]
		}
		return rz
	}
	rz := condition()
	first := rz
	copy(p, z)
	for range 10 * n {
		if !(rz > 1e-30*first) {
			break
		}
		l.apply(ap, p)
		along := 0.0
		for k, x := range p {
			along += x * ap[k]
		}
		alpha := rz / along
		for k := range w {
			w[k] += alpha * p[k]
			r[k] -= alpha * ap[k]
		}
		next := condition()
		beta := next / rz
		rz = next
		for k := range p {
			p[k] = z[k] + beta*p[k]
		}
	}
	return w
}
