package sparse_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// lasso is F and the step of ISTA for one sample, as the papers write them.
type lasso struct {
	a         *mat.Dense
	x         *mat.VecDense
	lambda, l float64
}

func (p lasso) residual(z *mat.VecDense) *mat.VecDense {
	var r mat.VecDense
	r.MulVec(p.a, z)
	r.SubVec(&r, p.x)
	return &r
}

func (p lasso) objective(z *mat.VecDense) float64 {
	r := p.residual(z)
	return mat.Dot(r, r)/2 + p.lambda*mat.Norm(z, 1)
}

func (p lasso) step(y *mat.VecDense) *mat.VecDense {
	var g mat.VecDense
	g.MulVec(p.a.T(), p.residual(y))
	g.AddScaledVec(y, -1/p.l, &g)
	for j := range g.Len() {
		v := g.AtVec(j)
		g.SetVec(j, math.Copysign(math.Max(math.Abs(v)-p.lambda/p.l, 0), v))
	}
	return &g
}

// monotone is MFISTA as Beck and Teboulle write it.
func (p lasso) monotone(k int) (z *mat.VecDense, rejected int) {
	_, n := p.a.Dims()
	z = mat.NewVecDense(n, nil)
	y, t := mat.VecDenseCopyOf(z), 1.0
	for range k {
		next, last := p.step(y), z
		if p.objective(next) <= p.objective(z) {
			z = next
		} else {
			rejected++
		}
		tn := (1 + math.Sqrt(1+4*t*t)) / 2
		var d mat.VecDense
		y.CopyVec(z)
		d.SubVec(next, z)
		y.AddScaledVec(y, t/tn, &d)
		d.SubVec(z, last)
		y.AddScaledVec(y, (t-1)/tn, &d)
		t = tn
	}
	return z, rejected
}

// strong is FISTA with the constant momentum of strong convexity.
func (p lasso) strong(k int, mu float64) *mat.VecDense {
	_, n := p.a.Dims()
	z := mat.NewVecDense(n, nil)
	y, q := mat.VecDenseCopyOf(z), math.Sqrt(mu/p.l)
	for range k {
		next := p.step(y)
		var d mat.VecDense
		d.SubVec(next, z)
		y.AddScaledVec(next, (1-q)/(1+q), &d)
		z = next
	}
	return z
}

func TestVariantsAreTheirFormulas(t *testing.T) {
	a, x := atoms(21, 15, 40), gauss(22, 1, 15)
	op := operator(t, a)
	l, err := sparse.Lipschitz(op)
	require.NoError(t, err)
	p := lasso{a, mat.NewVecDense(15, x.RawRowView(0)), 0.05, l}
	problem := sparse.Problem{A: op, X: x, Lambda: 0.05}
	rejected := 0
	for _, k := range []int{1, 5, 60, 200} {
		stop := sparse.Stop{MaxIter: k}
		want, no := p.monotone(k)
		rejected = no
		got, err := sparse.FISTA{Stop: stop, Monotone: true}.Solve(problem)
		require.NoError(t, err)
		near(t, want.RawVector().Data, got.Z.RawRowView(0), 1e-9, "monotone", k)
		got, err = sparse.FISTA{Stop: stop, Mu: 0.1}.Solve(problem)
		require.NoError(t, err)
		near(t, p.strong(k, 0.1).RawVector().Data, got.Z.RawRowView(0), 1e-11, "strongly convex", k)
	}
	assert.Positive(t, rejected, "steps that F forbids are tested")
}

// The gap is F − D at the dual point, written out.
func TestGapIsItsFormula(t *testing.T) {
	a, x := atoms(23, 10, 25), gauss(24, 1, 10)
	s, err := sparse.ISTA{Stop: sparse.Stop{MaxIter: 4}}.Solve(sparse.Problem{A: operator(t, a), X: x, Lambda: 0.2})
	require.NoError(t, err)
	p := lasso{a, mat.NewVecDense(10, x.RawRowView(0)), 0.2, 1}
	z := mat.NewVecDense(25, s.Z.RawRowView(0))
	var u, c, d mat.VecDense
	u.ScaleVec(-1, p.residual(z))
	c.MulVec(a.T(), &u)
	u.ScaleVec(math.Min(1, 0.2/mat.Norm(&c, math.Inf(1))), &u)
	d.SubVec(p.x, &u)
	dual := mat.Dot(p.x, p.x)/2 - mat.Dot(&d, &d)/2
	assert.InDelta(t, p.objective(z)-dual, s.Gap[0], 1e-13)
	assert.Greater(t, s.Gap[0], 1e-3, "where s is not 1")
}

// From an L that is a thousand times too small, doubling is done in ten steps.
func TestBacktrackingIsQuick(t *testing.T) {
	p := sparse.Problem{A: operator(t, atoms(25, 20, 40)), X: gauss(26, 3, 20), Lambda: 0.2, Relative: true}
	stop := sparse.Stop{MaxIter: 5000, Gap: 1e-8}
	fixed, err := sparse.ISTA{Stop: stop}.Solve(p)
	require.NoError(t, err)
	for _, rule := range []sparse.Backtrack{sparse.Majorize, sparse.Decrease} {
		found, err := sparse.ISTA{Stop: stop, Step: sparse.Step{L: 1e-3, Backtrack: rule}}.Solve(p)
		require.NoError(t, err)
		for i := range 3 {
			assert.True(t, found.Converged[i])
			assert.LessOrEqual(t, found.Iterations[i], 2*fixed.Iterations[i]+10)
		}
	}
}

// OMP ends where the atoms that are left lie in the span of those that are in.
func TestOMPOfDependentAtoms(t *testing.T) {
	var a mat.Dense
	a.Mul(gauss(27, 6, 2), gauss(28, 2, 9)) // rank 2
	x := gauss(29, 4, 6)
	z, err := sparse.OMP{}.Solve(operator(t, &a), x)
	require.NoError(t, err)
	var normal, r mat.Dense
	r.Sub(x, times(&a, z))
	normal.Mul(&r, &a)
	assert.Less(t, mat.Norm(&normal, math.Inf(1)), 1e-9, "the residual is orthogonal to all atoms")
	for i := range 4 {
		s, err := sparse.NewSupport(mat.DenseCopyOf(z.Slice(i, i+1, 0, 9)), mat.DenseCopyOf(z.Slice(i, i+1, 0, 9)), 0)
		require.NoError(t, err)
		assert.Equal(t, 2.0, s.Size)
	}
}
