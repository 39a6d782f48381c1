package metrics_test

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/metrics"
)

// TestConfusion checks that the diagonal counts what is right, and that rows
// count labels and columns predictions.
func TestConfusion(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		k := rapid.IntRange(1, 5).Draw(r, "k")
		class := rapid.IntRange(0, k-1)
		labels := rapid.SliceOfN(class, 1, 30).Draw(r, "labels")
		predicted := rapid.SliceOfN(class, len(labels), len(labels)).Draw(r, "predicted")
		table, err := metrics.Confusion(predicted, labels, k)
		require.NoError(r, err)
		acc, err := metrics.Accuracy(predicted, labels)
		require.NoError(r, err)
		diagonal := 0
		for i := range table {
			diagonal += table[i][i]
			for j := range table {
				want := 0
				for s, y := range labels {
					if y == i && predicted[s] == j {
						want++
					}
				}
				require.Equal(r, want, table[i][j])
			}
		}
		require.InDelta(r, float64(diagonal)/float64(len(labels)), acc, 1e-15)
	})
}

func TestArgmax(t *testing.T) {
	y, err := metrics.Argmax(mat.NewDense(3, 3, []float64{1, 3, 3, -1, -2, -3, 0, 0, 1}))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 0, 2}, y)
}

// TestNearestSubspace compares with the residual of a least-squares fit onto the
// principal directions, which come from the eigenvectors of the scatter matrix.
func TestNearestSubspace(t *testing.T) {
	const n, d, k, r = 60, 8, 3, 3
	rng := rand.New(rand.NewPCG(1, 1))
	z, test := gauss(rng, n, d), gauss(rng, 40, d)
	labels := cycle(n, k)
	for _, centered := range []bool{false, true} {
		s, err := metrics.NearestSubspace{Dim: r, Centered: centered}.Fit(z, labels, k)
		require.NoError(t, err)
		got, err := s.Predict(test)
		require.NoError(t, err)
		for i, y := range got {
			best, at := math.Inf(1), -1
			for c := range k {
				if dist := residual(rows(z, labels, c), test.RawRowView(i), r, centered); dist < best {
					best, at = dist, c
				}
			}
			assert.Equal(t, at, y, "sample %d, centred %v", i, centered)
		}
	}
}

// TestNearestSubspaceOfFewFeatures takes what is there where there are fewer than the default wants.
func TestNearestSubspaceOfFewFeatures(t *testing.T) {
	z, err := metrics.NearestSubspace{}.Fit(mat.NewDense(4, 2, []float64{1, 0.01, 2, 0, 0, 1, 0.01, 3}),
		[]int{0, 0, 1, 1}, 2)
	require.NoError(t, err)
	got, err := z.Predict(mat.NewDense(2, 2, []float64{5, 1, 1, 5}))
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, got)
}

// residual returns the distance of x to the subspace of r principal directions of z.
func residual(z *mat.Dense, x []float64, r int, centered bool) float64 {
	n, d := z.Dims()
	mu := make([]float64, d)
	if centered {
		for j := range mu {
			mu[j] = mat.Sum(z.ColView(j)) / float64(n)
		}
	}
	scatter := mat.NewSymDense(d, nil)
	for i := range n {
		row := append([]float64(nil), z.RawRowView(i)...)
		floats.Sub(row, mu)
		scatter.SymRankOne(scatter, 1, mat.NewVecDense(d, row))
	}
	var eig mat.EigenSym
	eig.Factorize(scatter, true)
	var v mat.Dense
	eig.VectorsTo(&v)
	basis := v.Slice(0, d, d-r, d) // ascending
	y := append([]float64(nil), x...)
	floats.Sub(y, mu)
	var qr mat.QR
	qr.Factorize(basis)
	var coef, fit mat.VecDense
	_ = qr.SolveVecTo(&coef, false, mat.NewVecDense(d, y))
	fit.MulVec(basis, &coef)
	fit.SubVec(mat.NewVecDense(d, y), &fit)
	return mat.Norm(&fit, 2)
}

// TestClassifiersSeparate shows that every classifier is right on orthogonal
// subspaces where the theory says that it must be, and the linear one is not:
// subspaces through the origin have one mean.
func TestClassifiersSeparate(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	z, labels := subspaces(rng, 400, 12, 3, 3)
	train, test := mat.DenseCopyOf(z.Slice(0, 300, 0, 12)), mat.DenseCopyOf(z.Slice(300, 400, 0, 12))
	s, err := metrics.NearestSubspace{Dim: 3}.Fit(train, labels[:300], 3)
	require.NoError(t, err)
	acc, err := metrics.Score(s, test, labels[300:])
	require.NoError(t, err)
	assert.Equal(t, 1.0, acc)
	p, err := metrics.Probe{}.Fit(train, labels[:300], 3)
	require.NoError(t, err)
	acc, err = metrics.Score(p, test, labels[300:])
	require.NoError(t, err)
	assert.Less(t, acc, 0.6)
}

// TestKNN compares with sorting all samples by similarity.
func TestKNN(t *testing.T) {
	const n, d, k = 301, 4, 3
	rng := rand.New(rand.NewPCG(3, 3))
	z, test := gauss(rng, n, d), gauss(rng, 300, d) // more than a block
	labels := cycle(n, k)
	for _, near := range []int{1, 4, 5} {
		c, err := metrics.KNN{K: near}.Fit(z, labels, k)
		require.NoError(t, err)
		got, err := c.Predict(test)
		require.NoError(t, err)
		for i, y := range got {
			order := make([]int, n)
			cos := make([]float64, n)
			for s := range order {
				order[s] = s
				a, b := z.RawRowView(s), test.RawRowView(i)
				cos[s] = floats.Dot(a, b) / floats.Norm(a, 2) / floats.Norm(b, 2)
			}
			sort.SliceStable(order, func(a, b int) bool { return cos[order[a]] > cos[order[b]] })
			score := make([]float64, k)
			for _, s := range order[:near] {
				score[labels[s]] += 100 + cos[s] // votes count more than similarity
			}
			assert.Equal(t, floats.MaxIdx(score), y, "sample %d of K=%d", i, near)
		}
	}
}

// TestKNNByDistance compares with sorting all samples by distance, of which many are equal.
func TestKNNByDistance(t *testing.T) {
	const n, d, k = 401, 3, 4
	rng := rand.New(rand.NewPCG(5, 3))
	z, test := gauss(rng, n, d), gauss(rng, 100, d)
	round := func(_, _ int, v float64) float64 { return 1000 + math.Round(2*v) }
	z.Apply(round, z)
	test.Apply(round, test)
	labels := cycle(n, k)
	for _, near := range []int{1, 2, 7} {
		c, err := metrics.KNN{K: near, Euclidean: true}.Fit(z, labels, k)
		require.NoError(t, err)
		got, err := c.Predict(test)
		require.NoError(t, err)
		for i, y := range got {
			order, far := make([]int, n), make([]float64, n)
			for s := range order {
				order[s], far[s] = s, floats.Distance(z.RawRowView(s), test.RawRowView(i), 2)
			}
			sort.SliceStable(order, func(a, b int) bool { return far[order[a]] < far[order[b]] })
			score := make([]float64, k)
			for _, s := range order[:near] {
				score[labels[s]] += 100 - far[s] // votes count more than distance
			}
			assert.InDelta(t, floats.Max(score), score[y], 1e-9, "sample %d of K=%d", i, near)
		}
	}
	_, err := metrics.KNN{Euclidean: true}.Fit(mat.NewDense(5, 1, []float64{1, 2, 3, 4, 1e200}), cycle(5, 2), 2)
	require.ErrorIs(t, err, metrics.ErrInput)
	require.ErrorContains(t, err, "the largest feature is 1e+200")
}

// TestKNNOfEqualAndOfZeroRows takes the lowest indices among equals, and of everything for a row of zeros.
func TestKNNOfEqualAndOfZeroRows(t *testing.T) {
	const n = 1000
	z, labels := mat.NewDense(n, 2, nil), make([]int, n)
	for i := range n {
		labels[i] = min(i, 2)
		z.SetRow(i, [][]float64{{0, 0}, {1, 1}, {2, 2}}[min(i, 1)+i%2*min(i/2, 1)])
	}
	c, err := metrics.KNN{K: 1}.Fit(z, labels, 3)
	require.NoError(t, err)
	y, err := c.Predict(mat.NewDense(4, 2, []float64{3, 3, 0, 0, -1, -1, 1, -1e-9}))
	require.NoError(t, err)
	require.Equal(t, []int{1, 0, 0, 1}, y, "of equal ones the first; 0 is at a right angle to all")
}

// TestKNNScale shows that lengths do not matter, not even extreme ones.
func TestKNNScale(t *testing.T) {
	z := mat.NewDense(3, 2, []float64{1e-308, 0, 0, 1e300, 0, 0})
	c, err := metrics.KNN{K: 1}.Fit(z, []int{0, 1, 2}, 3)
	require.NoError(t, err)
	y, err := c.Predict(mat.NewDense(2, 2, []float64{5, 1, 1e-300, 1e-299}))
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, y)
}

// TestProbe checks that the gradient of the objective vanishes at the solution:
// weights and biases are read off the scores of unit vectors and of 0.
func TestProbe(t *testing.T) {
	probe(t, 50, 4)
	probe(t, 9, 20)
}

func probe(t *testing.T, n, d int) {
	t.Helper()
	const k, ridge = 3, 0.3
	rng := rand.New(rand.NewPCG(4, 4))
	z, labels := gauss(rng, n, d), cycle(n, k)
	for i := range n {
		z.Set(i, labels[i], z.At(i, labels[i])+1)
	}
	p, err := metrics.Probe{Ridge: ridge}.Fit(z, labels, k)
	require.NoError(t, err)
	unit := mat.NewDense(d+1, d, nil)
	for j := range d {
		unit.Set(j, j, 1)
	}
	out, err := p.Scores(unit)
	require.NoError(t, err)
	b := out.RawRowView(d)
	w := mat.NewDense(d, k, nil)
	for j := range d {
		row := w.RawRowView(j)
		floats.SubTo(row, out.RawRowView(j), b)
	}
	r, err := p.Scores(z) // residuals
	require.NoError(t, err)
	for i, y := range labels {
		r.Set(i, y, r.At(i, y)-1)
	}
	scale := 0.0
	for j := range d {
		col := mat.Col(nil, j, z)
		mu := floats.Sum(col) / float64(n)
		for _, v := range col {
			scale += (v - mu) * (v - mu) / float64(d)
		}
	}
	var grad, decay mat.Dense
	grad.Mul(z.T(), r)
	decay.Scale(ridge*scale, w)
	grad.Add(&grad, &decay)
	assert.InDelta(t, 0, mat.Norm(&grad, 2), 1e-12*float64(n))
	for c := range k {
		assert.InDelta(t, 0, mat.Sum(r.ColView(c)), 1e-12*float64(n))
	}
	acc, err := metrics.Score(p, z, labels)
	require.NoError(t, err)
	assert.Greater(t, acc, 0.5)
}

// TestNearestSubspaceByEveryWay has the residuals of each way to the subspaces agree: all
// vectors, some, and those of the Gram matrix, of many samples and of few, side by side and
// each on all workers.
func TestNearestSubspaceByEveryWay(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, s := range []struct{ n, d, k, dim int }{
		{400, 40, 4, 39}, {400, 40, 4, 5}, {90, 60, 3, 40}, {900, 80, 2, 10},
	} {
		z, test := gauss(rng, s.n, s.d), gauss(rng, 50, s.d)
		labels := cycle(s.n, s.k)
		var want []int
		for i, c := range []metrics.NearestSubspace{
			{Dim: s.dim, Centered: true, Workers: 1}, {Dim: s.dim, Centered: true, Workers: 5},
			{Dim: s.dim, Centered: true, Gram: true}, {Dim: s.dim, Centered: true, Gram: true, Workers: 1},
		} {
			fit, err := c.Fit(z, labels, s.k)
			require.NoError(t, err)
			got, err := fit.Predict(test)
			require.NoError(t, err)
			if i == 0 {
				want = got
			}
			require.Equal(t, want, got, "%+v", c)
		}
	}
	_, err := metrics.NearestSubspace{Workers: -1}.Fit(gauss(rng, 4, 3), []int{0, 0, 1, 1}, 2)
	require.ErrorIs(t, err, metrics.ErrInput)
	require.ErrorContains(t, err, "-1 workers")
}
