package coding_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/coding"
)

// mixture returns samples of subspaces of R^d through the origin, with noise.
func mixture(rng *rand.Rand, d int, sizes, ranks []int, noise float64) (*mat.Dense, []int) {
	var rows []float64
	var labels []int
	for c, n := range sizes {
		var x mat.Dense
		x.Mul(gauss(rng, n, ranks[c]), orthonormal(rng, d, ranks[c]).T())
		e := gauss(rng, n, d)
		e.Scale(noise, e)
		x.Add(&x, e)
		rows = append(rows, x.RawMatrix().Data...)
		for range n {
			labels = append(labels, c)
		}
	}
	return mat.NewDense(len(labels), d, rows), labels
}

// purity returns the share of samples of the most frequent class of their group.
func purity(groups, labels []int) float64 {
	count := map[[2]int]int{}
	most := map[int]int{}
	for i, g := range groups {
		count[[2]int{g, labels[i]}]++
		most[g] = max(most[g], count[[2]int{g, labels[i]}])
	}
	sum := 0
	for _, m := range most {
		sum += m
	}
	return float64(sum) / float64(len(labels))
}

// naive is the algorithm as the paper has it, without any caching: every length
// is computed from the samples, at every step.
func naive(t require.TestingT, x *mat.Dense, eps2 float64, affine bool, k int) (groups [][]int, history []float64) {
	n, d := x.Dims()
	cost := func(rows []int) float64 {
		s := mat.NewDense(len(rows), d, nil)
		for i, r := range rows {
			s.SetRow(i, x.RawRowView(r))
		}
		length := coding.Length
		if affine {
			length = coding.LengthAffine
		}
		return ok(t)(length(s, eps2)) + float64(len(rows))*math.Log2(float64(n)/float64(len(rows)))
	}
	total := 0.0
	for i := range n {
		groups = append(groups, []int{i})
		total += cost(groups[i])
	}
	history = []float64{total}
	for len(groups) > max(k, 1) {
		saved, a, b := math.Inf(-1), 0, 0
		for i := range groups {
			for j := range i {
				if s := cost(groups[i]) + cost(groups[j]) - cost(append(append([]int{}, groups[i]...),
					groups[j]...)); s > saved {
					saved, a, b = s, j, i
				}
			}
		}
		if k == 0 && saved <= 0 {
			break
		}
		groups[a] = append(groups[a], groups[b]...)
		groups = append(groups[:b], groups[b+1:]...)
		total -= saved
		history = append(history, total)
	}
	return groups, history
}

// TestClusteringIsTheAlgorithmWithoutCaches compares, merge by merge, with the
// paper's algorithm over Length, for fewer and more samples than features.
func TestClusteringIsTheAlgorithmWithoutCaches(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, affine := range []bool{false, true} {
		for _, k := range []int{0, 1, 4} {
			x, _ := mixture(rng, 5, []int{8, 6, 4}, []int{2, 1, 1}, 0.05)
			if affine {
				x.Apply(func(i, _ int, v float64) float64 { return v + float64(i/8) }, x)
			}
			groups, history := naive(t, x, 0.04, affine, k)
			got, err := coding.Clustering{Eps2: 0.04, Affine: affine, Groups: k}.Fit(t.Context(), x)
			require.NoError(t, err)
			require.Len(t, got.History, len(history))
			for i, m := range got.History {
				require.Equal(t, 18-i, m.Groups)
				require.InDelta(t, history[i], m.Bits, 1e-9)
			}
			require.Equal(t, len(groups), got.Groups)
			for _, g := range groups {
				for _, i := range g {
					require.Equal(t, got.Labels[g[0]], got.Labels[i])
				}
			}
			bits, err := coding.ClusteredLength(x, got.Labels, 0.04, affine)
			require.NoError(t, err)
			require.InDelta(t, got.Bits, bits, 1e-9)
			require.InDelta(t, got.Bits, history[len(history)-1], 1e-9)
		}
	}
}

// TestClusteringPublished compares with numbers of an independent implementation.
func TestClusteringPublished(t *testing.T) {
	var ref struct {
		W       [][]float64
		Eps     float64
		Labels  []int
		Bits    float64 `json:"total_bits"`
		History [][2]float64
	}
	text, err := os.ReadFile(shared + "golden_lossy.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &ref))
	got, err := coding.Clustering{Eps2: ref.Eps * ref.Eps}.Fit(t.Context(), rowsOf(ref.W))
	require.NoError(t, err)
	assert.Equal(t, ref.Labels, got.Labels)
	assert.InDelta(t, ref.Bits, got.Bits, 1e-10)
	require.Len(t, got.History, len(ref.History))
	for i, h := range ref.History {
		assert.InDelta(t, h[0], got.History[i].Groups, 0)
		assert.InDelta(t, h[1], got.History[i].Bits, 1e-10)
	}
}

// planeAndLines returns 60 samples of the plane of the first two axes of R³, 25 of
// the third axis and 25 of a line at 45° to both, with noise 0.01.
func planeAndLines(rng *rand.Rand) (*mat.Dense, []int) {
	x, labels := gauss(rng, 110, 3), make([]int, 110)
	for i := range labels {
		row := x.RawRowView(i)
		switch {
		case i < 60:
			row[2] = 0
		case i < 85:
			labels[i], row[0], row[1] = 1, 0, 0
		default:
			labels[i], row[1], row[2] = 2, 0, row[0]
		}
	}
	noise := gauss(rng, 110, 3)
	noise.Scale(0.01, noise)
	x.Add(x, noise)
	return x, labels
}

// TestPlaneAndTwoLines finds the three groups for ε from that of the noise to 20
// times it. Samples within some ε of the origin may be in any, so the groups are
// less pure where ε is large.
func TestPlaneAndTwoLines(t *testing.T) {
	for seed := range uint64(3) {
		x, labels := planeAndLines(rand.New(rand.NewPCG(6, seed)))
		for eps, pure := range map[float64]float64{0.01: 0.98, 0.04: 0.98, 0.2: 0.94} {
			got, err := coding.Clustering{Eps2: eps * eps}.Fit(t.Context(), x)
			require.NoError(t, err)
			require.Equal(t, 3, got.Groups, "ε = %v", eps)
			require.GreaterOrEqual(t, purity(got.Labels, labels), pure, "ε = %v", eps)
		}
	}
}

// TestAffineClustersAreAffine shows that planes beside the origin are one group
// each about their mean.
func TestAffineClustersAreAffine(t *testing.T) {
	x, labels := mixture(rand.New(rand.NewPCG(7, 7)), 4, []int{40, 40}, []int{2, 1}, 0.01)
	for i, y := range labels {
		x.Set(i, 0, x.At(i, 0)+float64(5*y))
		x.Set(i, 1, x.At(i, 1)-float64(3*y))
	}
	got, err := coding.Clustering{Eps2: 0.01, Affine: true}.Fit(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, 2, got.Groups)
	require.Equal(t, labels, got.Labels)
}

// TestEveryMergeSavesBits checks, on random samples, that bits fall, that a start
// or blocks end where no union saves bits either, that labels are in order, and
// that scaling samples and ε together changes nothing.
func TestEveryMergeSavesBits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, d := rapid.IntRange(1, 14).Draw(r, "n"), rapid.IntRange(1, 5).Draw(r, "d")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		c := coding.Clustering{Eps2: math.Exp(rapid.Float64Range(-6, 2).Draw(r, "log ε²")),
			Affine: rapid.Bool().Draw(r, "affine")}
		x := gauss(rng, n, d)
		one, err := c.Fit(context.Background(), x)
		require.NoError(r, err)
		for i := 1; i < len(one.History); i++ {
			require.Less(r, one.History[i].Bits, one.History[i-1].Bits)
		}
		next := 0
		for _, y := range one.Labels {
			require.LessOrEqual(r, y, next)
			next = max(next, y+1)
		}
		require.Equal(r, one.Groups, next)

		again := c
		again.Start = one.Labels
		fixed, err := again.Fit(context.Background(), x)
		require.NoError(r, err)
		require.Equal(r, one.Labels, fixed.Labels, "no union saves bits")
		require.Len(r, fixed.History, 1)

		c.Block = 1 + rng.IntN(n)
		blocks, err := c.Fit(context.Background(), x)
		require.NoError(r, err)
		require.LessOrEqual(r, blocks.Bits, one.History[0].Bits+1e-9)
		if c.Block == n {
			require.Equal(r, one.Labels, blocks.Labels)
		}
		c.Block = 0
		var scaled mat.Dense
		scaled.Scale(3, x)
		c.Eps2 *= 9
		other, err := c.Fit(context.Background(), &scaled)
		require.NoError(r, err)
		require.InDelta(r, one.Bits, other.Bits, 1e-9*(1+math.Abs(one.Bits)))
	})
}

func TestClusteringStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := coding.Clustering{Eps2: 1}.Fit(ctx, mat.NewDense(3, 2, nil))
	require.ErrorIs(t, err, context.Canceled)
}

func TestClusteringRefuses(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(8, 8)), 6, 2)
	for want, c := range map[string]coding.Clustering{
		"ε² is 0":                                {},
		"7 groups of 6 samples":                  {Eps2: 1, Groups: 7},
		"-1 groups":                              {Eps2: 1, Groups: -1},
		"blocks of -1":                           {Eps2: 1, Block: -1},
		"Start has 2 labels for 6 samples":       {Eps2: 1, Start: []int{0, 1}},
		"Groups is 3, but merging starts with 2": {Eps2: 1, Groups: 3, Start: []int{9, 9, 9, -4, -4, 9}},
		"leave 2 groups, fewer than Groups 5":    {Eps2: 1e9, Groups: 5, Block: 3},
		"samples are too large for ε²":           {Eps2: 1e-320},
	} {
		_, err := c.Fit(t.Context(), x)
		require.ErrorIs(t, err, coding.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	_, err := coding.Clustering{Eps2: 1}.Fit(t.Context(), nil)
	require.ErrorContains(t, err, "no samples")
	for want, err := range map[string]error{
		"clustered length: no samples":               second(coding.ClusteredLength(nil, nil, 1, false)),
		"clustered length: 0 labels for 6 samples":   second(coding.ClusteredLength(x, nil, 1, false)),
		"clustered length: Start has 2 labels for 6": second(coding.ClusteredLength(x, []int{1, 2}, 1, true)),
	} {
		require.ErrorContains(t, err, want)
	}
}

// TestClusteringHasTheSameBitsOnAnyNumberOfWorkers compares one worker with four.
func TestClusteringHasTheSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	x, _ := mixture(rand.New(rand.NewPCG(10, 10)), 6, []int{60, 50, 40}, []int{2, 1, 3}, 0.02)
	for _, affine := range []bool{false, true} {
		var found []*coding.Clusters
		for _, workers := range []int{1, 4} {
			was := runtime.GOMAXPROCS(workers)
			got, err := coding.Clustering{Eps2: 0.01, Affine: affine, Groups: 2}.Fit(t.Context(), x)
			runtime.GOMAXPROCS(was)
			require.NoError(t, err)
			found = append(found, got)
		}
		require.Equal(t, found[0], found[1])
	}
}

// TestPairsAllocateNothing counts: all pairs of 300 samples are compared, and 299 unions
// made, with a few allocations a sample.
func TestPairsAllocateNothing(t *testing.T) {
	const n = 300
	x := gauss(rand.New(rand.NewPCG(11, 11)), n, 4)
	allocs := testing.AllocsPerRun(1, func() {
		_, err := coding.Clustering{Eps2: 0.1, Affine: true, Groups: 1}.Fit(context.Background(), x)
		require.NoError(t, err)
	})
	require.Less(t, allocs, 8.0*n, "of %d pairs", n*(n-1)/2)
}
