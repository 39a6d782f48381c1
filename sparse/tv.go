package sparse

import (
	"cmp"

	"github.com/pkg/errors"
	"math"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// TV is the total variation of a signal, Σ |uⱼ₊₁ − uⱼ|: signals of few steps.
type TV struct{}

// Check implements Penalty.
func (TV) Check(int) error { return nil }

// Value implements Penalty.
func (TV) Value(u []float64) (sum float64) {
	for j := 1; j < len(u); j++ {
		sum += math.Abs(u[j] - u[j-1])
	}
	return sum
}

// Prox implements Penalty, exactly: the running sum of the solution is the
// shortest path, the taut string, through a tube of radius τ about the running sum
// of v. Cost: O(n), nearly always. All is NaN where v holds what is not finite, for each
// element depends on all others.
//
// Reference: Davies, Kovac. Local extremes, runs, strings and multiresolution.
// Annals of Statistics 29(1), 2001.
func (g TV) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), !(tau < 0)) {
		return
	}
	n := len(v)
	if n == 0 {
		return
	}
	sum := make([]float64, n+1) // the tube is sum ± τ, and closed at both ends
	for j, x := range v {
		sum[j+1] = sum[j] + x
	}
	if !matrix.Finite(sum[n]) || !matrix.Finite(tau) || !finiteAll(sum) {
		g.outOfRange(dst, v, tau)
		return
	}
	for at, height := 0, 0.0; at < n; {
		next, y := tautSegment(sum, at, height, tau)
		slope := (y - height) / float64(next-at)
		fill(dst[at:next], slope)
		at, height = next, y
	}
}

// outOfRange is Prox where sums are not finite: of v scaled down, if its elements are.
func (g TV) outOfRange(dst, v []float64, tau float64) {
	if !finiteAll(v) || tau != tau {
		fill(dst, nan())
		return
	}
	const down = 0x1p-64 // of 2⁶⁴ elements no sum overflows
	small := make([]float64, len(v))
	for j, x := range v {
		small[j] = x * down
	}
	if math.IsInf(tau, 1) {
		mean := 0.0
		for _, x := range small {
			mean += x / float64(len(v))
		}
		fill(dst, mean/down)
		return
	}
	g.Prox(small, small, tau*down)
	for j, x := range small {
		dst[j] = x / down
	}
}

// tautSegment returns the next corner of the taut string after (at, height).
func tautSegment(sum []float64, at int, height, tau float64) (next int, y float64) {
	n := len(sum) - 1
	lo, hi := math.Inf(-1), math.Inf(1) // slopes that stay within the tube so far
	atLo, atHi := at, at                // where they touch it
	for j := at + 1; j <= n; j++ {
		radius := tau
		if j == n {
			radius = 0
		}
		width := float64(j - at)
		below, above := (sum[j]-radius-height)/width, (sum[j]+radius-height)/width
		switch {
		case below > hi: // the tube rises over the steepest line: bend where that touches
			return atHi, sum[atHi] + tau
		case above < lo:
			return atLo, sum[atLo] - tau
		}
		if below >= lo {
			lo, atLo = below, j
		}
		if above <= hi {
			hi, atHi = above, j
		}
	}
	return n, sum[n]
}

// Derivative implements Smooth: the mean of u over each piece where the solution
// is constant. NaN where that is NaN.
func (g TV) Derivative(dst, v, u []float64, tau float64) {
	if !fits(dst, len(v), len(u) == len(v)) {
		return
	}
	kept := make([]float64, len(v))
	g.Prox(kept, v, tau)
	for lo := 0; lo < len(v); {
		hi, sum := lo+1, u[lo]
		for ; hi < len(v) && kept[hi] == kept[lo]; hi++ {
			sum += u[hi]
		}
		mean := sum / float64(hi-lo)
		if kept[lo] != kept[lo] {
			mean = kept[lo]
		}
		fill(dst[lo:hi], mean)
		lo = hi
	}
}

// TV2 is the isotropic total variation of an image of Rows×Cols pixels,
// row-major: the sum of the lengths of its gradient, forward differences that are
// 0 beyond the border.
type TV2 struct {
	Rows, Cols int
	Iters      int     // of the prox, at most; 0 is 200
	Tol        float64 // it ends at a duality gap of Tol·½‖v‖²; 0 is 1e-8
}

// Check implements Penalty.
func (g TV2) Check(n int) error {
	if err := nonNegative("Tol", g.Tol); err != nil {
		return err
	}
	if err := nonNegative("Iters", float64(g.Iters)); err != nil {
		return err
	}
	if g.Iters > sizes.Most {
		return errors.Wrapf(ErrInput, "Iters is %d, want at most %d: Tol ends them", g.Iters, sizes.Most)
	}
	return checkGrid(g.Rows, g.Cols, n)
}

// Value implements Penalty.
func (g TV2) Value(u []float64) (sum float64) {
	if g.Check(len(u)) != nil {
		return nan()
	}
	g.each(func(at int, right, down bool) {
		dx, dy := differences(u, at, g.Cols, right, down)
		sum += math.Hypot(dx, dy)
	})
	return sum
}

// each calls f for every pixel, and says whether it has one to its right and below.
func (g TV2) each(f func(at int, right, down bool)) {
	for i := range g.Rows {
		for j := range g.Cols {
			f(i*g.Cols+j, j+1 < g.Cols, i+1 < g.Rows)
		}
	}
}

func differences(u []float64, at, cols int, right, down bool) (dx, dy float64) {
	if right {
		dx = u[at+1] - u[at]
	}
	if down {
		dy = u[at+cols] - u[at]
	}
	return dx, dy
}

// Prox implements Penalty, to Tol, by FISTA on the dual,
//
//	min ½‖v − τ∇ᵀp‖²  subject to  |pᵢⱼ| ≤ 1,   u = v − τ∇ᵀp.
//
// References: Chambolle. An algorithm for total variation minimization and
// applications. JMIV 20, 2004. Beck, Teboulle. Fast gradient-based algorithms for
// constrained total variation image denoising and deblurring problems. IEEE TIP
// 18(11), 2009.
func (g TV2) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), g.Check(len(v)) == nil) {
		return
	}
	n := len(v)
	if tau == 0 {
		copy(dst, v)
		return
	}
	v = append([]float64(nil), v...)
	p, q := make([]float64, 2*n), make([]float64, 2*n) // the dual, and where its gradient is taken
	size, t := SquaredL2{}.Value(v), 1.0
	for k := 1; k <= cmp.Or(g.Iters, 200); k++ {
		g.primal(dst, v, q, tau)
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		beta := (t - 1) / next
		t = next
		g.ascend(p, q, dst, 1/(8*tau), beta)
		if k%10 == 0 {
			g.primal(dst, v, p, tau)
			if gap := g.gap(dst, p, tau); !(gap > cmp.Or(g.Tol, 1e-8)*size) { // NaN ends it too
				return
			}
		}
	}
	g.primal(dst, v, p, tau)
}

// primal stores v − τ∇ᵀp in u.
func (g TV2) primal(u, v, p []float64, tau float64) {
	copy(u, v)
	g.each(func(at int, right, down bool) {
		if right {
			u[at+1] -= tau * p[2*at]
			u[at] += tau * p[2*at]
		}
		if down {
			u[at+g.Cols] -= tau * p[2*at+1]
			u[at] += tau * p[2*at+1]
		}
	})
}

// ascend takes a step from q along ∇u, projects it, and moves q beyond the new p.
func (g TV2) ascend(p, q, u []float64, step, beta float64) {
	g.each(func(at int, right, down bool) {
		dx, dy := differences(u, at, g.Cols, right, down)
		x, y := q[2*at]+step*dx, q[2*at+1]+step*dy
		scale := 1 / math.Max(1, math.Hypot(x, y))
		x, y = x*scale, y*scale
		q[2*at], q[2*at+1] = x+beta*(x-p[2*at]), y+beta*(y-p[2*at+1])
		p[2*at], p[2*at+1] = x, y
	})
}

// gap returns τ(g(u) − ⟨∇u, p⟩), the duality gap of u = v − τ∇ᵀp.
func (g TV2) gap(u, p []float64, tau float64) (sum float64) {
	g.each(func(at int, right, down bool) {
		dx, dy := differences(u, at, g.Cols, right, down)
		sum += math.Hypot(dx, dy) - dx*p[2*at] - dy*p[2*at+1]
	})
	return tau * sum
}
