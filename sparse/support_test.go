package sparse_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

func TestSelectSupportIsTheReferences(t *testing.T) {
	g := readGolden(t)
	require.Len(t, g.Shrink.Out, 4)
	for q, want := range g.Shrink.Out {
		percent, err := strconv.ParseFloat(q, 64)
		require.NoError(t, err)
		out := make([]float64, len(g.Shrink.V))
		sparse.SelectSupport(out, g.Shrink.V, g.Shrink.Theta, percent, nil)
		near(t, want.Out, out, 1e-15, q)
		assert.Equal(t, want.Index, sparse.SupportIndex(len(out), percent))
	}
	for layer, want := range g.Counts {
		assert.Equal(t, want, 499-sparse.SupportIndex(500, math.Min(1.2*float64(layer+1), 13)))
	}
	sparse.SelectSupport(nil, nil, 1, 10, nil)
}

func TestWeightOfALISTA(t *testing.T) {
	g := readGolden(t).LISTA
	a := dense(g.A)
	w, err := sparse.AnalyticWeight(a)
	require.NoError(t, err)
	near(t, dense(g.W).RawMatrix().Data, w.RawMatrix().Data, 1e-10, "the paper's iteration")
	slow, err := sparse.ProjectedWeight(a, 0, 0, 0)
	require.NoError(t, err)
	near(t, dense(g.W).RawMatrix().Data, slow.RawMatrix().Data, 1e-13)

	a = atoms(3, 15, 40)
	w, err = sparse.AnalyticWeight(a)
	require.NoError(t, err)
	var c mat.Dense
	c.Mul(w.T(), a)
	least := mat.Norm(&c, 2)
	for j := range 40 {
		assert.InDelta(t, 1, c.At(j, j), 1e-12)
	}
	// Every feasible direction leads up: it is a minimum of a convex function.
	for seed := range uint64(5) {
		d := gauss(seed+10, 15, 40)
		for j := range 40 {
			col, aj := d.ColView(j).(*mat.VecDense), a.ColView(j)
			col.AddScaledVec(col, -mat.Dot(col, aj), aj)
		}
		for _, step := range []float64{1e-4, -1e-4} {
			var moved mat.Dense
			moved.Scale(step, d)
			moved.Add(&moved, w)
			c.Mul(moved.T(), a)
			assert.Greater(t, mat.Norm(&c, 2), least)
		}
	}
}

// TestTheWeightIsNearTheBestThatThereCanBe. With cᵢ = aᵢᵀ(AAᵀ)⁻¹aᵢ the energy of WᵀA is Σ
// 1/cᵢ and Σcᵢ = m, so by the inequality of Jensen it is at least n²/m: beside the diagonal
// n(n − m)/m, which is 500 for 250×500. The weight of the paper's own 250×500 matrix
// has 502.27, where AᵀA has 1001.4. The paper's iteration comes down to the same,
// never up, and W to the same W.
func TestTheWeightIsNearTheBestThatThereCanBe(t *testing.T) {
	const m, n = 250, 500
	a := atoms(7, m, n)
	exact, err := sparse.AnalyticWeight(a)
	require.NoError(t, err)
	least := beside(exact, a)
	assert.Greater(t, least, float64(n*(n-m)/m))
	assert.Less(t, least, 1.01*n*(n-m)/m)
	assert.InEpsilon(t, 1001.4, beside(a, a), 0.02)
	best, err := sparse.CrossCoherence(exact, a)
	require.NoError(t, err)
	mu, err := sparse.Coherence(a)
	require.NoError(t, err)
	assert.Less(t, best, 0.85*mu, "0.2069 of 0.2847 for the paper's matrix")

	a = atoms(8, 30, 60)
	exact, err = sparse.AnalyticWeight(a)
	require.NoError(t, err)
	was := beside(a, a)
	for _, iters := range []int{3, 30, 300, 1000} {
		w, err := sparse.ProjectedWeight(a, 0, 0, iters)
		require.NoError(t, err)
		now := beside(w, a)
		assert.LessOrEqual(t, now, was+1e-9, "after %d iterations", iters)
		was = now
	}
	assert.InEpsilon(t, beside(exact, a), was, 1e-9)
}

// beside returns the energy of WᵀA beside its diagonal.
func beside(w, a *mat.Dense) (sum float64) {
	var c mat.Dense
	c.Mul(w.T(), a)
	n, _ := c.Dims()
	for i := range n {
		for j, v := range c.RawRowView(i) {
			if i != j {
				sum += v * v
			}
		}
	}
	return sum
}

func TestBadWeights(t *testing.T) {
	tall := gauss(1, 5, 3)
	_, err := sparse.AnalyticWeight(tall)
	assert.ErrorIs(t, err, sparse.ErrInput)
	assert.ErrorContains(t, err, "the 5 rows of A, of length 3, are linearly dependent")
	_, err = sparse.ProjectedWeight(tall, 0, 0, 0)
	assert.ErrorContains(t, err, "column 0 has length")
	_, err = sparse.ProjectedWeight(atoms(1, 5, 30), 10, 0, 0)
	assert.ErrorIs(t, err, sparse.ErrDiverged)
	_, err = sparse.ProjectedWeight(atoms(1, 5, 30), -1, 0, 0)
	assert.ErrorIs(t, err, sparse.ErrInput)
}

func TestNMSEAndSupport(t *testing.T) {
	z := mat.NewDense(2, 3, []float64{3, 0, 4, 0, 0, 0})
	e := mat.NewDense(2, 3, []float64{3, 0, 3.5, 0, 0.5, 0.1})
	db, err := sparse.NMSE(e, z)
	require.NoError(t, err)
	assert.InDelta(t, 10*math.Log10((0.25+0.25+0.01)/25), db, 1e-12)
	for _, s := range []float64{1e-320, 1e-200, 1e200, 3e307} { // whose squares are out of range
		small, large := mat.DenseCopyOf(e), mat.DenseCopyOf(z)
		small.Scale(s, e)
		large.Scale(s, z)
		db, err = sparse.NMSE(small, large)
		require.NoError(t, err)
		assert.InDelta(t, 10*math.Log10((0.25+0.25+0.01)/25), db, 1e-2, "%v", s) // 1e-320 has three digits
	}
	db, err = sparse.NMSE(z, z)
	require.NoError(t, err)
	assert.True(t, math.IsInf(db, -1))
	s, err := sparse.NewSupport(e, z, 0.2)
	require.NoError(t, err)
	assert.Equal(t, sparse.Support{Size: 1.5, FalsePositives: 0.5, FalseNegatives: 0, Precision: 2.0 / 3, Recall: 1}, s)
	none := mat.NewDense(2, 3, nil)
	s, err = sparse.NewSupport(none, z, 0)
	require.NoError(t, err)
	assert.Equal(t, sparse.Support{FalseNegatives: 1, Precision: 1, Recall: 0}, s)
	_, err = sparse.NMSE(e, none)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.NMSE(gauss(1, 3, 3), z)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.NewSupport(gauss(1, 2, 2), z, 0)
	assert.ErrorIs(t, err, sparse.ErrInput)
}
