package subspace_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/subspace"
)

// TestKMeansIsALocalOptimum checks that every sample is nearest to its own centre,
// that centres are means, that the inertia is their sum of squares and no more than
// that of one group.
func TestKMeansIsALocalOptimum(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, d := rapid.IntRange(1, 20).Draw(r, "n"), rapid.IntRange(1, 4).Draw(r, "d")
		k := rapid.IntRange(1, n).Draw(r, "k")
		x := gauss(rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0)), n, d)
		c, err := subspace.KMeans{Groups: k, NInit: 2}.Fit(x)
		require.NoError(r, err)
		sum, counts := mat.NewDense(k, d, nil), make([]float64, k)
		inertia := 0.0
		away := func(i, g int) float64 {
			var v mat.VecDense
			v.SubVec(x.RowView(i), c.Centres.RowView(g))
			return square(mat.Norm(&v, 2))
		}
		for i, g := range c.Labels {
			counts[g]++
			for j := range d {
				sum.Set(g, j, sum.At(g, j)+x.At(i, j))
			}
			inertia += away(i, g)
			for other := range k {
				require.LessOrEqual(r, away(i, g), away(i, other)+1e-12)
			}
		}
		require.InDelta(r, inertia, c.Inertia, 1e-10)
		for g := range k {
			require.Positive(r, counts[g], "each group has a sample")
			for j := range d {
				require.InDelta(r, sum.At(g, j)/counts[g], c.Centres.At(g, j), 1e-10)
			}
		}
	})
}

func TestKMeansFindsFarGroups(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := gauss(rng, 60, 2)
	want := make([]int, 60)
	for i := range want {
		want[i] = i % 3
		x.Set(i, 0, x.At(i, 0)+20*float64(i%3))
	}
	c, err := subspace.KMeans{Groups: 3, Seed: 5}.Fit(x)
	require.NoError(t, err)
	require.Equal(t, want, c.Labels)
	equal := mat.NewDense(4, 1, []float64{7, 7, 7, 7})
	c, err = subspace.KMeans{Groups: 3}.Fit(equal)
	require.NoError(t, err)
	require.InDelta(t, 0, c.Inertia, 1e-20)
	require.Contains(t, c.Labels, 2, "each group has a sample")
}

// TestEnSCIsOptimal checks the optimality conditions of the elastic net:
// γx_jᵀ(x_i − Σcx) − (1−τ)c_j is τ sgn(c_j), or at most τ where c_j is 0.
func TestEnSCIsOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	x, _ := mixture(rng, 6, []int{12, 9}, []int{2, 3}, 0.05)
	x.SetRow(3, make([]float64, 6)) // a sample of 0 takes part in nothing
	n, _ := x.Dims()
	unit := mat.DenseCopyOf(x)
	for i := range n {
		if norm := mat.Norm(x.RowView(i), 2); norm > 0 {
			unit.Slice(i, i+1, 0, 6).(*mat.Dense).Scale(1/norm, x.Slice(i, i+1, 0, 6))
		}
	}
	for _, tau := range []float64{1, 0.9, 0.3} {
		e := subspace.EnSC{Tau: tau, Gamma: 20, Tol: 1e-9}
		c, err := e.Fit(t.Context(), x)
		require.NoError(t, err)
		var fitted, r, products mat.Dense
		fitted.Mul(c, unit)
		r.Sub(unit, &fitted)
		products.Mul(&r, unit.T())
		for i := range n {
			require.Zero(t, c.At(i, i))
			most := 0.0
			for j := range n {
				if j != i {
					most = max(most, math.Abs(mat.Dot(unit.RowView(i), unit.RowView(j))))
				}
			}
			for j := range n {
				if i == j || i == 3 {
					continue
				}
				g := 20*tau/most*products.At(i, j) - (1-tau)*c.At(i, j)
				switch v := c.At(i, j); {
				case v > 0:
					require.InDelta(t, tau, g, 1e-6)
				case v < 0:
					require.InDelta(t, -tau, g, 1e-6)
				default:
					require.LessOrEqual(t, math.Abs(g), tau+1e-6)
				}
			}
			require.Zero(t, c.At(3, i))
			require.Zero(t, c.At(i, 3))
		}
	}
}

// TestSSCIsEnSCOfTau1 has the same bits of both, by samples and by their products.
func TestSSCIsEnSCOfTau1(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 0))
	x := mat.NewDense(20, 6, nil)
	x.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, x)
	var products mat.Dense
	products.Mul(x, x.T())
	want, err := subspace.EnSC{Tau: 1, Gamma: 20, Tol: 1e-8}.Fit(t.Context(), x)
	require.NoError(t, err)
	got, err := subspace.SSC{Gamma: 20, Tol: 1e-8}.Fit(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, want.RawMatrix().Data, got.RawMatrix().Data)
	want, err = subspace.EnSC{Tau: 1, Gamma: 20, Tol: 1e-8}.FitGram(t.Context(), &products)
	require.NoError(t, err)
	got, err = subspace.SSC{Gamma: 20, Tol: 1e-8}.FitGram(t.Context(), &products)
	require.NoError(t, err)
	require.Equal(t, want.RawMatrix().Data, got.RawMatrix().Data)
}

// TestEnSCByInnerProducts compares coefficients by the products of samples,
// of any norms, with those by the samples.
func TestEnSCByInnerProducts(t *testing.T) {
	x, _ := mixture(rand.New(rand.NewPCG(6, 6)), 5, []int{9, 8}, []int{2, 2}, 0.05)
	x.SetRow(4, make([]float64, 5))
	var products mat.Dense
	products.Mul(x, x.T())
	e := subspace.EnSC{Tau: 0.8, Tol: 1e-10}
	want, err := e.Fit(t.Context(), x)
	require.NoError(t, err)
	got, err := e.FitGram(t.Context(), &products)
	require.NoError(t, err)
	near(t, want, got, 1e-9)
	for want, change := range map[string]func(*mat.Dense){
		"of samples 2 and 1, want them equal": func(g *mat.Dense) { g.Set(1, 2, g.At(1, 2)+0.1) },
		"of sample 3 with itself is -1":       func(g *mat.Dense) { g.Set(3, 3, -1) },
		"feature 1 of sample 0 is NaN":        func(g *mat.Dense) { g.Set(0, 1, math.NaN()) },
	} {
		bad := mat.DenseCopyOf(&products)
		change(bad)
		_, err := e.FitGram(t.Context(), bad)
		require.ErrorIs(t, err, subspace.ErrInput)
		require.ErrorContains(t, err, want)
	}
	_, err = e.FitGram(t.Context(), x)
	require.ErrorContains(t, err, "17×5, want them square")
}

// TestEnSCStandsEqualSamples has every sample twice, which makes the system of those that take
// part singular where both do; and one worker and four.
func TestEnSCStandsEqualSamples(t *testing.T) {
	one, _ := mixture(rand.New(rand.NewPCG(16, 16)), 4, []int{8, 7}, []int{2, 1}, 0.05)
	var x mat.Dense
	x.Stack(one, one)
	for _, tau := range []float64{1, 0.5} {
		var found []*mat.Dense
		for _, workers := range []int{1, 4} {
			was := runtime.GOMAXPROCS(workers)
			c, err := subspace.EnSC{Tau: tau, Gamma: 20}.Fit(t.Context(), &x)
			runtime.GOMAXPROCS(was)
			require.NoError(t, err)
			found = append(found, c)
		}
		require.Equal(t, found[0], found[1])
		if tau == 1 { // c_j = 1 of the other one leaves least: γ/2 (1 − c)² + c is least at 1 − 1/γ
			for i := range 30 {
				sum := 0.0
				for j := range 30 {
					sum += math.Abs(found[0].At(i, j))
				}
				require.InDelta(t, 1-1/20.0, sum, 1e-6)
			}
		}
	}
}

// TestSubspacesAreTold clusters samples of independent subspaces, where the theory
// of SSC promises that none takes part in a sample of another.
func TestSubspacesAreTold(t *testing.T) {
	x, labels := mixture(rand.New(rand.NewPCG(3, 3)), 12, []int{30, 40, 35}, []int{3, 4, 3}, 0)
	for _, tau := range []float64{1, 0.9} {
		c, err := subspace.EnSC{Tau: tau}.Fit(t.Context(), x)
		require.NoError(t, err)
		w, err := subspace.Affinity(c)
		require.NoError(t, err)
		within, between := 0.0, 0.0
		for i, a := range labels {
			for j, b := range labels {
				if a == b {
					within += w.At(i, j)
				} else {
					between += w.At(i, j)
				}
			}
		}
		require.Less(t, between, 0.02*within)
		got, err := subspace.Spectral{Groups: 3}.Fit(w)
		require.NoError(t, err)
		require.Equal(t, labels, got)
	}
}

// TestSpectralFindsTheParts has a graph in parts, small for the dense method and
// large for that of blocks, whose first eigenvalue is then as many times there.
func TestSpectralFindsTheParts(t *testing.T) {
	for _, n := range []int{24, 400} {
		rng := rand.New(rand.NewPCG(4, 4))
		w := mat.NewSymDense(n, nil)
		want := make([]int, n)
		for i := range n {
			want[i] = i % 4
			for j := range i {
				if (i-j)%4 == 0 {
					w.SetSym(i, j, rng.Float64())
				}
			}
		}
		got, err := subspace.Spectral{Groups: 4, Seed: 3}.Fit(w)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	w := mat.NewSymDense(3, []float64{0, 1, 0, 1, 0, 0, 0, 0, 0})
	got, err := subspace.Spectral{Groups: 2}.Fit(w)
	require.NoError(t, err)
	require.Equal(t, []int{0, 0, 1}, got, "a vertex without weights")
}

func TestClusteringRefuses(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(5, 5)), 4, 2)
	bad := func(_ any, err error) error { return err }
	express := func(e subspace.EnSC, x *mat.Dense) error { return bad(e.Fit(t.Context(), x)) }
	for want, err := range map[string]error{
		"k-means: no samples":                bad(subspace.KMeans{Groups: 1}.Fit(nil)),
		"k-means: 5 groups of 4 samples":     bad(subspace.KMeans{Groups: 5}.Fit(x)),
		"k-means: 0 groups":                  bad(subspace.KMeans{}.Fit(x)),
		"spectral clustering: 0 groups of 1": bad(subspace.Spectral{}.Fit(mat.NewSymDense(1, nil))),
		"weight -1 of 0 and 1, want it at least 0": bad(subspace.Spectral{Groups: 1}.Fit(mat.NewSymDense(2,
			[]float64{0, -1, -1, 0}))),
		"self-expression: no samples": express(subspace.EnSC{}, nil),
		"self-expression: 1 samples":  express(subspace.EnSC{}, mat.NewDense(1, 1, nil)),
		"τ 2":                         express(subspace.EnSC{Tau: 2}, x),
		"γ 0.5":                       express(subspace.EnSC{Gamma: 0.5}, x),
		"coefficients are 4×2, want them square": bad(subspace.Affinity(x)),
	} {
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := subspace.EnSC{}.Fit(ctx, x)
	require.ErrorIs(t, err, context.Canceled)
}
