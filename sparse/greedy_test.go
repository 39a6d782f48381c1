package sparse_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// pursue is OMP as its definition, with a least-squares fit of all atoms each time.
func pursue(t *testing.T, a *mat.Dense, x mat.Vector, k int) []float64 {
	m, n := a.Dims()
	r := mat.VecDenseCopyOf(x)
	var support []int
	var fit mat.VecDense
	for range k {
		best, most := -1, 0.0
		for j := range n {
			if v := math.Abs(mat.Dot(a.ColView(j), r)) / mat.Norm(a.ColView(j), 2); v > most+1e-9 {
				best, most = j, v
			}
		}
		support = append(support, best)
		sub := mat.NewDense(m, len(support), nil)
		for p, j := range support {
			sub.SetCol(p, mat.Col(nil, j, a))
		}
		fit.Reset()
		require.NoError(t, fit.SolveVec(sub, x))
		r.MulVec(sub, &fit)
		r.SubVec(x, r)
	}
	z := make([]float64, n)
	for p, j := range support {
		z[j] = fit.AtVec(p)
	}
	return z
}

func TestOMPIsItsDefinition(t *testing.T) {
	a := gauss(1, 20, 50) // columns of any length
	x := gauss(2, 7, 20)
	for _, k := range []int{1, 4, 12} {
		got, err := sparse.OMP{Sparsity: k}.Solve(operator(t, a), x)
		require.NoError(t, err)
		for i := range 7 {
			near(t, pursue(t, a, x.RowView(i), k), got.RawRowView(i), 1e-9)
		}
	}
}

func TestGreedyMethodsRecoverSparseCodes(t *testing.T) {
	const k = 5
	a := atoms(3, 60, 100)
	z := mat.NewDense(20, 100, nil)
	for i := range 20 {
		for p := range k {
			z.Set(i, (i*7+p*19)%100, 1+0.2*float64(p))
		}
	}
	x, op := times(a, z), operator(t, a)
	got, err := sparse.OMP{Sparsity: k}.Solve(op, x)
	require.NoError(t, err)
	near(t, z.RawMatrix().Data, got.RawMatrix().Data, 1e-10)
	got, err = sparse.OMP{Tol: 1e-6}.Solve(op, x)
	require.NoError(t, err)
	near(t, z.RawMatrix().Data, got.RawMatrix().Data, 1e-10, "it stops where the residual is enough")
	got, err = sparse.IHT{Sparsity: k}.Solve(op, x)
	require.NoError(t, err)
	near(t, z.RawMatrix().Data, got.RawMatrix().Data, 1e-8)
	got, err = sparse.IHT{Sparsity: k, Accelerate: true}.Solve(op, x)
	require.NoError(t, err)
	near(t, z.RawMatrix().Data, got.RawMatrix().Data, 1e-8)
	got, err = sparse.IHT{Sparsity: k}.Solve(op, x)
	require.NoError(t, err)
	one, err := sparse.IHT{Sparsity: k, Workers: 1}.Solve(op, x)
	require.NoError(t, err)
	assert.Equal(t, one, got)
}

// residuals returns ‖x − Az‖ of each sample.
func residuals(a, x, z *mat.Dense) []float64 {
	var r mat.Dense
	r.Sub(x, times(a, z))
	out := make([]float64, x.RawMatrix().Rows)
	for i := range out {
		out[i] = mat.Norm(r.RowView(i), 2)
	}
	return out
}

func TestIHTNeverRaisesTheResidual(t *testing.T) {
	a := atoms(4, 15, 40)
	x := gauss(5, 6, 15)
	op := operator(t, a)
	for _, accelerate := range []bool{false, true} {
		was := []float64{9, 9, 9, 9, 9, 9}
		for iters := 1; iters < 40; iters++ {
			z, err := sparse.IHT{Sparsity: 4, MaxIter: iters, Accelerate: accelerate}.Solve(op, x)
			require.NoError(t, err)
			now := residuals(a, x, z)
			for i := range now {
				assert.LessOrEqual(t, now[i], was[i]+1e-12, "iteration %d, accelerated %v", iters, accelerate)
			}
			was = now
		}
	}
}

// TestOverRelaxationSavesIterations where atoms are alike, which makes gradient steps
// short: it recovers more codes in 10 iterations than the plain ones do in 20.
func TestOverRelaxationSavesIterations(t *testing.T) {
	a := atoms(4, 40, 80)
	a.Apply(func(i, _ int, v float64) float64 { return v + 0.25*math.Sin(float64(i)) }, a)
	z := mat.NewDense(50, 80, nil)
	for i := range 50 {
		for p := range 3 {
			z.Set(i, (i*7+p*23)%80, 1+0.2*float64(p))
		}
	}
	x, op := times(a, z), operator(t, a)
	recovered := func(s sparse.IHT) (count int) {
		got, err := s.Solve(op, x)
		require.NoError(t, err)
		for _, r := range residuals(a, x, got) {
			if r < 1e-3 {
				count++
			}
		}
		return count
	}
	slow, fast := recovered(sparse.IHT{Sparsity: 3, MaxIter: 20}),
		recovered(sparse.IHT{Sparsity: 3, MaxIter: 10, Accelerate: true})
	require.Greater(t, fast, slow)
	require.Greater(t, fast, 30, "of 50")
}

// A sample of zeros, atoms that are the same, a sample in the span of few.
func TestOMPStopsWhereNothingIsLeft(t *testing.T) {
	a := mat.NewDense(3, 4, []float64{1, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1})
	x := mat.NewDense(3, 3, []float64{0, 0, 0, 5, 0, 0, 1, 4, 0})
	z, err := sparse.OMP{}.Solve(operator(t, a), x)
	require.NoError(t, err)
	near(t, []float64{0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 2, 0}, z.RawMatrix().Data, 1e-15)
	zero, err := sparse.IHT{Sparsity: 2}.Solve(operator(t, a), mat.NewDense(1, 3, nil))
	require.NoError(t, err)
	near(t, make([]float64, 4), zero.RawMatrix().Data, 0)
}

func TestBadGreed(t *testing.T) {
	op, x := operator(t, atoms(1, 4, 8)), gauss(2, 2, 4)
	for _, s := range []sparse.OMP{{Sparsity: -1}, {Sparsity: 5}, {Tol: -1}, {Tol: math.NaN()}, {Workers: -1}} {
		_, err := s.Solve(op, x)
		assert.ErrorIs(t, err, sparse.ErrInput)
	}
	for _, s := range []sparse.IHT{{}, {Sparsity: 9}, {Sparsity: 1, MaxIter: -1}, {Sparsity: 1, Tol: -1},
		{Sparsity: 1, Workers: -1}} {
		_, err := s.Solve(op, x)
		assert.ErrorIs(t, err, sparse.ErrInput)
	}
	_, err := sparse.OMP{}.Solve(nil, x)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.OMP{}.Solve(op, gauss(1, 1, 3))
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.IHT{Sparsity: 1}.Solve(nil, x)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.IHT{Sparsity: 1}.Solve(op, gauss(1, 1, 3))
	assert.ErrorIs(t, err, sparse.ErrInput)
}

// Welch's bound, which an equiangular tight frame meets: three vectors in the
// plane, 120 degrees apart.
func TestCoherence(t *testing.T) {
	h := math.Sqrt(3) / 2
	frame := mat.NewDense(2, 3, []float64{1, -0.5, -1, 0, h, -2 * h}) // the third is twice as long
	mu, err := sparse.Coherence(frame)
	require.NoError(t, err)
	assert.InDelta(t, 0.5, mu, 1e-15)
	babel, err := sparse.Babel(frame, 2)
	require.NoError(t, err)
	near(t, []float64{0.5, 1}, babel, 1e-15)
	a := atoms(1, 10, 30)
	babel, err = sparse.Babel(a, 3)
	require.NoError(t, err)
	mu, err = sparse.Coherence(a)
	require.NoError(t, err)
	assert.InDelta(t, mu, babel[0], 1e-14)
	assert.GreaterOrEqual(t, 3*mu, babel[2])
	assert.GreaterOrEqual(t, mu, math.Sqrt(20.0/(10*29)), "Welch")
	cross, err := sparse.CrossCoherence(a, a)
	require.NoError(t, err)
	assert.InDelta(t, mu, cross, 1e-14)
	cross, err = sparse.CrossCoherence(mat.NewDense(1, 2, []float64{3, -1}), mat.NewDense(1, 2, []float64{2, 5}))
	require.NoError(t, err)
	assert.Equal(t, 15.0, cross)
	mu, err = sparse.Coherence(mat.NewDense(2, 1, []float64{1, 1}))
	require.NoError(t, err)
	assert.Zero(t, mu)
	for _, k := range []int{0, 3} {
		_, err = sparse.Babel(frame, k)
		assert.ErrorIs(t, err, sparse.ErrInput)
	}
	_, err = sparse.Coherence(nil)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.CrossCoherence(frame, a)
	assert.ErrorIs(t, err, sparse.ErrInput)
}

func TestPathIsWarm(t *testing.T) {
	a := atoms(6, 30, 60)
	p := sparse.Problem{A: operator(t, a), X: gauss(7, 5, 30), Relative: true}
	s := sparse.FISTA{Stop: sparse.Stop{Gap: 1e-10, MaxIter: 20000}, Restart: sparse.GradientRestart}
	lambdas := []float64{1, 0.6, 0.4, 0.3, 0.25, 0.2}
	path, err := sparse.Path(s, p, lambdas)
	require.NoError(t, err)
	require.Len(t, path, len(lambdas))
	warm, cold := 0, 0
	for i, lambda := range lambdas {
		p.Lambda = lambda
		alone, err := s.Solve(p)
		require.NoError(t, err)
		near(t, alone.Z.RawMatrix().Data, path[i].Z.RawMatrix().Data, 1e-4)
		for k := range 5 {
			warm, cold = warm+path[i].Iterations[k], cold+alone.Iterations[k]
		}
	}
	assert.Less(t, warm, cold, "iterations from the codes of the λ before, and from 0")
	_, err = sparse.Path(s, p, nil)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.Path(s, p, []float64{0.1, 0.2})
	assert.ErrorContains(t, err, "λ 1 is 0.2 after 0.1")
	_, err = sparse.Path(s, p, []float64{-0.1})
	assert.ErrorIs(t, err, sparse.ErrInput)
}
