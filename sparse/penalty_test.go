package sparse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/sparse"
)

const length = 12 // of the vectors that all penalties are tested on

// convex and others are all penalties.
func convex() []sparse.Penalty {
	return []sparse.Penalty{
		sparse.L1{}, sparse.L1{Weights: weights(length)}, sparse.NonNegativeL1{}, sparse.ElasticNet{Mu: 0.7},
		sparse.SquaredL2{},
		sparse.Box{Lo: -0.5, Hi: 0.8}, sparse.GroupL1{}, sparse.GroupL1{Size: 3}, sparse.Nuclear{Rows: 4, Cols: 3},
		sparse.Nuclear{Rows: 3, Cols: 4},
		sparse.Simplex{}, sparse.Simplex{Sum: 2.5}, sparse.L1Ball{Radius: 1.5}, sparse.L2Ball{Radius: 1.5},
		sparse.L1Ball{Radius: 100}, sparse.L2Ball{Radius: 100},
		sparse.TV{}, sparse.TV2{Rows: 4, Cols: 3, Iters: 100000, Tol: 1e-15},
	}
}

func others() []sparse.Penalty { return []sparse.Penalty{sparse.L0{}, sparse.TopK{K: 4}} }

func vector(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

func inner(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// TestProxIsOptimal: for convex g, u = prox_{τg}(v) exactly where
// τ g(w) ≥ τ g(u) + ⟨v − u, w − u⟩ for every w. Points near u and far are tried, and
// points of the set where g is finite: proxes of others.
func TestProxIsOptimal(t *testing.T) {
	for _, g := range convex() {
		require.NoError(t, g.Check(length))
		rng := rand.New(rand.NewPCG(1, 2))
		for _, tau := range []float64{0.1, 0.1, 0.3, 0.3, 0.6, 0.6, 1, 3} {
			v := vector(rng, length)
			u := make([]float64, length)
			g.Prox(u, v, tau)
			gu := g.Value(u)
			require.False(t, math.IsInf(gu, 0) || math.IsNaN(gu), "%#v", g)
			for trial := range 150 {
				w := vector(rng, length)
				if trial%2 == 0 {
					g.Prox(w, w, tau*rng.Float64())
				}
				if trial%3 != 0 { // near u, and within a convex set if w is
					for j := range w {
						w[j] = u[j] + 1e-3*(w[j]-u[j])
					}
				}
				slope := 0.0
				for j := range w {
					slope += (v[j] - u[j]) * (w[j] - u[j])
				}
				require.GreaterOrEqual(t, tau*g.Value(w)-tau*gu-slope, -1e-7*math.Abs(slope)-1e-9, "%#v at τ = %v", g,
					tau)
			}
		}
	}
}

// L0 and TopK are compared with every support there is.
func TestProxOfSupportsIsTheBestOfAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, g := range []sparse.Penalty{sparse.L0{}, sparse.TopK{K: 3}} {
		for range 20 {
			v, tau := vector(rng, 8), rng.Float64()
			u := make([]float64, 8)
			g.Prox(u, v, tau)
			cost := func(u []float64) float64 {
				sum := tau * g.Value(u)
				for j := range u {
					sum += (u[j] - v[j]) * (u[j] - v[j]) / 2
				}
				return sum
			}
			for set := range 1 << 8 {
				w := make([]float64, 8)
				for j := range w {
					if set>>j&1 == 1 {
						w[j] = v[j]
					}
				}
				require.LessOrEqual(t, cost(u), cost(w)+1e-12, "%#v", g)
			}
		}
	}
	u := make([]float64, 4)
	sparse.TopK{K: 2}.Prox(u, []float64{1, -2, 1, 1}, 1)
	assert.Equal(t, []float64{1, -2, 0, 0}, u, "of equals the first")
}

func TestProxMayOverwriteItsInput(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, g := range append(convex(), others()...) {
		v := vector(rng, length)
		u, w := make([]float64, length), append([]float64(nil), v...)
		g.Prox(u, v, 0.4)
		g.Prox(w, w, 0.4)
		assert.Equal(t, u, w, "%#v", g)
		s, ok := g.(sparse.Smooth)
		if !ok {
			continue
		}
		d := vector(rng, length)
		s.Derivative(u, v, d, 0.4)
		s.Derivative(d, v, d, 0.4)
		assert.Equal(t, u, d, "%#v", g)
	}
}

// accuracy returns the step of a central difference of g's prox and what it is good
// for: where the prox is iterated, its error is divided by the step too.
func accuracy(g sparse.Penalty) (h, tol float64) {
	if _, iterated := g.(sparse.TV2); iterated {
		return 1e-4, 1e-4
	}
	return 1e-6, 1e-6
}

// TestDerivativesAreThoseOfTheProx compares both, by v along a direction and by τ,
// with central differences: every penalty has them.
func TestDerivativesAreThoseOfTheProx(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, g := range append(convex(), others()...) {
		s, ok := g.(sparse.Smooth)
		require.True(t, ok, "%#v has no derivative", g)
		h, tol := accuracy(g)
		difference := func(a, b func(dst []float64)) []float64 {
			up, down := make([]float64, length), make([]float64, length)
			a(up)
			b(down)
			for j := range up {
				up[j] = (up[j] - down[j]) / (2 * h)
			}
			return up
		}
		for _, tau := range []float64{0.05, 0.3, 0.9} {
			v, d, got := vector(rng, length), vector(rng, length), make([]float64, length)
			moved := func(h float64) func(dst []float64) {
				return func(dst []float64) {
					for j := range v {
						dst[j] = v[j] + h*d[j]
					}
					g.Prox(dst, dst, tau)
				}
			}
			s.Derivative(got, v, d, tau)
			near(t, difference(moved(h), moved(-h)), got, tol, fmt.Sprintf("%#v by v at τ = %v", g, tau))
			sparse.DerivativeByTau(s, got, v, tau)
			near(t, difference(func(dst []float64) { g.Prox(dst, v, tau+h) },
				func(dst []float64) { g.Prox(dst, v, tau-h) }), got, tol, fmt.Sprintf("%#v by τ = %v", g, tau))
		}
	}
}

// TestDerivativeOfTV2IsSymmetric: it is that of a proximal operator, so symmetric with
// eigenvalues from 0 to 1, and what is constant it leaves constant.
func TestDerivativeOfTV2IsSymmetric(t *testing.T) {
	g := sparse.TV2{Rows: 4, Cols: 3, Iters: 100000, Tol: 1e-15}
	rng := rand.New(rand.NewPCG(17, 18))
	for _, tau := range []float64{0.05, 0.5} {
		v, a, b := vector(rng, length), vector(rng, length), vector(rng, length)
		ja, jb := make([]float64, length), make([]float64, length)
		g.Derivative(ja, v, a, tau)
		g.Derivative(jb, v, b, tau)
		require.InDelta(t, inner(ja, b), inner(a, jb), 1e-10)
		require.GreaterOrEqual(t, inner(a, ja), inner(ja, ja)-1e-10)
		one := make([]float64, length)
		for j := range one {
			one[j] = 1
		}
		g.Derivative(ja, v, one, tau)
		near(t, one, ja, 1e-12)
	}
}

// TestDerivativeByTauOfL1IsMinusTheSign, where it is not 0: the convention of the
// unrolled networks.
func TestDerivativeByTauOfL1IsMinusTheSign(t *testing.T) {
	got := make([]float64, 4)
	sparse.DerivativeByTau(sparse.L1{}, got, []float64{2, -3, 0.25, -0.25}, 0.5)
	require.Equal(t, []float64{-1, 1, 0, 0}, got)
}

// The conjugate of a norm is the indicator of the dual norm's ball.
func TestConjugatesOfNormsAreBalls(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for want, g := range map[sparse.Penalty]sparse.Penalty{
		sparse.Box{Lo: -1, Hi: 1}:    sparse.L1{},
		sparse.L2Ball{Radius: 1}:     sparse.GroupL1{},
		sparse.Box{Lo: -1e9, Hi: 1}:  sparse.NonNegativeL1{},
		sparse.SquaredL2{}:           sparse.SquaredL2{}, // is its own conjugate
		sparse.GroupL1{Size: length}: sparse.L2Ball{Radius: 1},
		sparse.ElasticNet{Mu: 0}:     sparse.Box{Lo: -1, Hi: 1},
	} {
		for _, tau := range []float64{0.5, 2} {
			v := vector(rng, length)
			got, is := make([]float64, length), make([]float64, length)
			sparse.ConjugateProx(g, got, v, tau, nil)
			want.Prox(is, v, tau)
			near(t, is, got, 1e-12, fmt.Sprintf("%#v", g))
		}
	}
}

// |⟨c, u⟩| ≤ g(u) g°(c), with equality for some u: a point of the prox of c, where
// the residual is a subgradient.
func TestPolarIsTheLeastBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, g := range convex() {
		p, ok := g.(sparse.Gauge)
		if !ok {
			continue
		}
		for range 50 {
			c, u := vector(rng, length), vector(rng, length)
			g.Prox(u, u, 0.1)
			require.LessOrEqual(t, inner(c, u), g.Value(u)*p.Polar(c)+1e-12, "%#v", g)
			g.Prox(u, c, 0.4)
			r := make([]float64, length)
			for j := range r {
				r[j] = c[j] - u[j]
			}
			require.InDelta(t, 0.4, p.Polar(r), 1e-9, "%#v: τ times a subgradient", g)
			require.InDelta(t, inner(r, u), 0.4*g.Value(u), 1e-9, "%#v", g)
		}
	}
}

func TestBadPenalties(t *testing.T) {
	for _, g := range []sparse.Penalty{
		sparse.L1{Weights: []float64{1}}, sparse.L1{Weights: []float64{-1, 1, 1, 1, 1}}, sparse.ElasticNet{Mu: -1},
		sparse.ElasticNet{Mu: math.NaN()},
		sparse.Box{Lo: 2, Hi: 1}, sparse.Box{Lo: math.NaN()}, sparse.GroupL1{Size: 2}, sparse.GroupL1{Size: -1},
		sparse.Nuclear{Rows: 2, Cols: 3}, sparse.Nuclear{},
		sparse.TopK{}, sparse.TopK{K: 6}, sparse.Simplex{Sum: -1}, sparse.L1Ball{Radius: -1},
		sparse.L2Ball{Radius: math.Inf(1)}, sparse.TV2{Rows: 1, Cols: 4},
		sparse.TV2{Rows: 1, Cols: 5, Tol: -1}, sparse.TV2{Rows: 1, Cols: 5, Iters: -1},
	} {
		assert.ErrorIs(t, g.Check(5), sparse.ErrInput, "%#v", g)
	}
	p := sparse.Problem{A: operator(t, atoms(1, 4, 6)), X: gauss(2, 1, 4), Relative: true, Penalty: sparse.SquaredL2{}}
	_, err := sparse.ISTA{}.Solve(p)
	assert.ErrorContains(t, err, "sparse.SquaredL2 has no λ_max")
	_, err = p.LambdaMax()
	assert.ErrorIs(t, err, sparse.ErrInput)
	p.Relative = false
	_, err = sparse.ISTA{Stop: sparse.Stop{Gap: 1}}.Solve(p)
	assert.ErrorContains(t, err, "duality gap")
}

// TV of a step is what remains of it: each side moves by τ over its length.
func TestTVOfAStep(t *testing.T) {
	u := make([]float64, 5)
	sparse.TV{}.Prox(u, []float64{0, 0, 1, 1, 1}, 0.3)
	near(t, []float64{0.15, 0.15, 0.9, 0.9, 0.9}, u, 1e-15)
	sparse.TV{}.Prox(nil, nil, 1)
	image := []float64{0, 0, 1, 1, 0, 0, 1, 1} // the step in each row of an image
	sparse.TV2{Rows: 2, Cols: 4, Tol: 1e-14, Iters: 10000}.Prox(image, image, 0.2)
	near(t, []float64{0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.9, 0.9}, image, 1e-6)
}

// ISTA with TV denoises: A is the identity, so one step is the prox.
func TestProblemsTakeAnyPenalty(t *testing.T) {
	eye := gauss(1, length, length)
	eye.Zero()
	for i := range length {
		eye.Set(i, i, 1)
	}
	x := gauss(2, 3, length)
	for _, g := range append(convex(), others()...) {
		s, err := sparse.ISTA{Step: sparse.Step{L: 1},
			Stop: sparse.Stop{MaxIter: 3}}.Solve(sparse.Problem{A: operator(t, eye), X: x, Lambda: 0.4, Penalty: g})
		require.NoError(t, err)
		for i := range 3 {
			u := make([]float64, length)
			g.Prox(u, x.RawRowView(i), 0.4)
			near(t, u, s.Z.RawRowView(i), 1e-9, fmt.Sprintf("%#v", g))
		}
	}
}

// TestDerivativeAtABoundIsZero: a Box holds what is at one of its sides.
func TestDerivativeAtABoundIsZero(t *testing.T) {
	dst := make([]float64, 5)
	sparse.Box{Lo: -1, Hi: 2}.Derivative(dst, []float64{-1, 2, -0.999, 1.999, 3}, []float64{5, 5, 5, 5, 5}, 1)
	require.Equal(t, []float64{0, 0, 5, 5, 0}, dst)
}
