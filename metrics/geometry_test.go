package metrics_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/whitebox-nn/whitebox/metrics"
)

// TestSpectrum builds a matrix of known singular values, and compares the centred
// ones with the eigenvalues of the sample covariance.
func TestSpectrum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	want := []float64{5, 3, 1, 0.5}
	u, v := orthogonal(rng, 9, 4), orthogonal(rng, 6, 4)
	var z mat.Dense
	z.Product(u, mat.NewDiagDense(4, want), v.T())
	got, err := metrics.Spectrum(&z, false)
	require.NoError(t, err)
	assert.InDeltaSlice(t, append(want, 0, 0), got, 1e-13)

	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, &z, nil)
	var eig mat.EigenSym
	require.True(t, eig.Factorize(&cov, false))
	got, err = metrics.Spectrum(&z, true)
	require.NoError(t, err)
	variance := eig.Values(nil)
	for i, s := range got {
		assert.InDelta(t, variance[len(variance)-1-i], s*s/8, 1e-13)
	}
}

func TestRank(t *testing.T) {
	for _, c := range []struct {
		spectrum []float64
		energy   float64
		want     int
	}{
		{[]float64{1, 1, 1, 1}, 0, 4},
		{[]float64{1, 1, 1, 1}, 0.5, 2},
		{[]float64{1, 1, 1, 1}, 0.51, 3},
		{[]float64{10, 1, 1}, 0.95, 1},
		{[]float64{3, 1, 0}, 1, 2},
		{[]float64{0, 0}, 0, 0},
		{nil, 0, 0},
	} {
		got, err := metrics.Rank(c.spectrum, c.energy)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%v", c)
	}
}

// TestOrthogonalClasses shows what the metrics say of orthogonal subspaces: the
// ranks are their dimensions, nothing is shared, cosines between are 0.
func TestOrthogonalClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const n, d, k, r = 300, 16, 4, 3
	z, labels := subspaces(rng, n, d, k, r)
	ranks, err := metrics.ClassRanks(z, labels, k, 0.999)
	require.NoError(t, err)
	assert.Equal(t, []int{r, r, r, r}, ranks)
	a, err := metrics.Affinity(z, labels, k, 0.999)
	require.NoError(t, err)
	mean, err := metrics.MeanOffDiagonal(a)
	require.NoError(t, err)
	assert.InDelta(t, 0, mean, 1e-12)
	for j := range k {
		assert.InDelta(t, 1, a.At(j, j), 1e-12)
	}
	within, between, err := metrics.MeanAbsCosine(z, labels, k)
	require.NoError(t, err)
	assert.InDelta(t, 0, between, 1e-12)
	// The mean of |cos| between random directions of R³ is 1/2.
	assert.InDelta(t, 0.5, within, 0.02)
}

// TestAffinity spans two planes of R⁴ with principal angles of 30° and 90°.
func TestAffinity(t *testing.T) {
	c, s := math.Cos(math.Pi/6), math.Sin(math.Pi/6)
	z := mat.NewDense(4, 4, []float64{
		1, 0, 0, 0,
		0, 1, 0, 0,
		c, 0, s, 0,
		0, 0, 0, 1,
	})
	a, err := metrics.Affinity(z, []int{0, 0, 1, 1}, 2, 0)
	require.NoError(t, err)
	assert.InDelta(t, (c*c+0)/2, a.At(0, 1), 1e-14)
}

// TestCosineMap compares the map with the definition, its blocks with labels, and
// its means with MeanAbsCosine, over more samples than one block.
func TestCosineMap(t *testing.T) {
	const n, d, k = 270, 3, 4
	rng := rand.New(rand.NewPCG(3, 3))
	z := gauss(rng, n, d)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = []int{0, 2, 3}[rng.IntN(3)] // class 1 is empty
	}
	m, starts, err := metrics.CosineMap(z, labels, k)
	require.NoError(t, err)
	require.Equal(t, n, starts[k])
	assert.Equal(t, starts[1], starts[2])
	var order []int
	for c := range k {
		for i, y := range labels {
			if y == c {
				order = append(order, i)
			}
		}
	}
	var within, between, pairs float64
	for p, i := range order {
		for q, j := range order {
			a, b := z.RowView(i), z.RowView(j)
			cos := math.Abs(mat.Dot(a, b)) / mat.Norm(a, 2) / mat.Norm(b, 2)
			assert.InDelta(t, cos, m.At(p, q), 1e-14)
			switch {
			case p == q:
			case labels[i] == labels[j]:
				within += m.At(p, q)
				pairs++
			default:
				between += m.At(p, q)
			}
		}
	}
	w, b, err := metrics.MeanAbsCosine(z, labels, k)
	require.NoError(t, err)
	assert.InDelta(t, within/pairs, w, 1e-12)
	assert.InDelta(t, between/(n*(n-1)-pairs), b, 1e-12)
}

// TestCollapseReference compares with numbers of an implementation in PyTorch.
func TestCollapseReference(t *testing.T) {
	var ref struct {
		H     [][][]float64
		W     [][]float64
		B     []float64
		NC1   float64 `json:"NC1_trace"`
		NormM float64 `json:"NC2_norm_cov_M"`
		NormW float64 `json:"NC2_norm_cov_W"`
		CohM  float64 `json:"NC2_coh_M"`
		CohW  float64 `json:"NC2_coh_W"`
		NC3   float64
		NC4   float64
	}
	text, err := os.ReadFile("testdata/neural_collapse.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &ref))
	var all []float64
	var labels []int
	for c, class := range ref.H {
		for _, h := range class {
			all, labels = append(all, h...), append(labels, c)
		}
	}
	var weights []float64
	for _, w := range ref.W {
		weights = append(weights, w...)
	}
	z := mat.NewDense(len(labels), 4, all)
	got, err := metrics.NeuralCollapse(z, labels, 3, mat.NewDense(3, 4, weights), ref.B)
	require.NoError(t, err)
	want := metrics.Collapse{NC1: ref.NC1, EquinormMeans: ref.NormM, EquiangularMeans: ref.CohM,
		EquinormWeights: ref.NormW, EquiangularWeights: ref.CohW, NC3: ref.NC3, NC4: ref.NC4}
	near(t, want, *got, 1e-9)
}

func near(t *testing.T, want, got metrics.Collapse, tol float64) {
	t.Helper()
	assert.InDelta(t, want.NC1, got.NC1, tol)
	assert.InDelta(t, want.EquinormMeans, got.EquinormMeans, tol)
	assert.InDelta(t, want.EquiangularMeans, got.EquiangularMeans, tol)
	assert.InDelta(t, want.EquinormWeights, got.EquinormWeights, tol)
	assert.InDelta(t, want.EquiangularWeights, got.EquiangularWeights, tol)
	assert.InDelta(t, want.NC3, got.NC3, tol)
	assert.InDelta(t, want.NC4, got.NC4, tol)
}

// TestCollapseOfSimplex shows that features collapsed to a simplex, with a head
// that is one, are 0 in all numbers; and that a head with classes exchanged
// disagrees with every sample.
func TestCollapseOfSimplex(t *testing.T) {
	const k, n, d = 4, 12, 7
	rng := rand.New(rand.NewPCG(5, 5))
	etf := mat.NewDense(k, k, nil)
	for i := range k {
		for j := range k {
			etf.Set(i, j, -1.0/k)
		}
		etf.Set(i, i, 1-1.0/k)
	}
	var m mat.Dense
	m.Mul(etf, orthogonal(rng, d, k).T())
	labels := cycle(n, k)
	z := mat.NewDense(n, d, nil)
	for i, y := range labels {
		for j := range d {
			z.Set(i, j, 2*m.At(y, j)+0.5) // not about the origin
		}
	}
	got, err := metrics.NeuralCollapse(z, labels, k, &m, nil)
	require.NoError(t, err)
	near(t, metrics.Collapse{}, *got, 1e-12)

	swapped := mat.NewDense(k, d, nil)
	for i := range k {
		swapped.SetRow((i+1)%k, m.RawRowView(i))
	}
	got, err = metrics.NeuralCollapse(z, labels, k, swapped, nil)
	require.NoError(t, err)
	assert.Equal(t, 1.0, got.NC4)
	assert.Greater(t, got.NC3, 0.1)

	got, err = metrics.NeuralCollapse(z, labels, k, nil, nil)
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got.NC3) && math.IsNaN(got.NC4) && math.IsNaN(got.EquinormWeights))

	one := mat.NewDense(k, d, nil) // one sample a class has collapsed
	for i := range k {
		one.SetRow(i, z.RawRowView(i))
	}
	got, err = metrics.NeuralCollapse(one, labels[:k], k, &m, nil)
	require.NoError(t, err)
	near(t, metrics.Collapse{}, *got, 1e-12)
}

// TestMeanOffDiagonalIsOverAllPairs of three.
func TestMeanOffDiagonalIsOverAllPairs(t *testing.T) {
	mean, err := metrics.MeanOffDiagonal(mat.NewSymDense(3, []float64{9, 1, 2, 1, 9, 6, 2, 6, 9}))
	require.NoError(t, err)
	assert.InEpsilon(t, 3.0, mean, 1e-15)
	mean, err = metrics.MeanOffDiagonal(mat.NewSymDense(2, []float64{9, 5, 5, 9}))
	require.NoError(t, err)
	assert.InEpsilon(t, 5.0, mean, 1e-15)
}
