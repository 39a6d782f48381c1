package subspace_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// sculley is mini-batch k-means as the paper has it: sample by sample, each with the learning rate of its centre, one
// over its count. It draws as MiniBatchKMeans does, and moves centres of few samples as scikit-learn does.
func sculley(x *mat.Dense, c subspace.MiniBatchKMeans, steps int) (centres *mat.Dense, moved int) {
	n, d := x.Dims()
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	draw := func(count int) *mat.Dense {
		out := mat.NewDense(count, d, nil)
		for i := range count {
			out.SetRow(i, x.RawRowView(rng.IntN(n)))
		}
		return out
	}
	if centres = c.Start; centres == nil {
		centres = naivePlusPlus(rng, draw(c.InitSize), c.Groups)
	} else {
		centres = mat.DenseCopyOf(centres)
	}
	counts, since := make([]float64, c.Groups), 0
	for range steps {
		batch := draw(c.BatchSize)
		since += c.BatchSize
		again := since >= 10*c.Groups || slices.Contains(counts, 0)
		nearest := make([]int, c.BatchSize)
		for i := range nearest {
			best := math.Inf(1)
			for g := range c.Groups {
				if s := naiveSquared(batch.RawRowView(i), centres.RawRowView(g)); s < best {
					nearest[i], best = g, s
				}
			}
		}
		for i, g := range nearest {
			counts[g]++
			for j := range d {
				centres.Set(g, j, centres.At(g, j)+(batch.At(i, j)-centres.At(g, j))/counts[g])
			}
		}
		if !again || c.ReassignmentRatio < 0 {
			continue
		}
		since = 0
		var few []int
		others := math.Inf(1)
		for g, w := range counts {
			if w < c.ReassignmentRatio*slices.Max(counts) {
				few = append(few, g)
			} else {
				others = min(others, w)
			}
		}
		if limit := c.BatchSize / 2; len(few) > limit {
			slices.SortStableFunc(few, func(g, h int) int { return cmp.Compare(counts[g], counts[h]) })
			for _, g := range few[limit:] {
				others = min(others, counts[g])
			}
			few = few[:limit]
			slices.Sort(few)
		}
		if len(few) > 0 {
			for i, row := range rng.Perm(c.BatchSize)[:len(few)] {
				centres.SetRow(few[i], batch.RawRowView(row))
				counts[few[i]] = others
			}
			moved += len(few)
		}
	}
	return centres, moved
}

// TestMiniBatchesAreSampleBySample compares centres with those of the paper's loop, and labels with the nearest.
func TestMiniBatchesAreSampleBySample(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := gauss(r, 1500, 6)
	far := gauss(r, 9, 6) // most of these centres get no sample
	far.Scale(50, far)
	for name, c := range map[string]subspace.MiniBatchKMeans{
		"drawn":           {Groups: 7, BatchSize: 100, InitSize: 300, ReassignmentRatio: 0.01, Seed: 3},
		"centres move":    {Groups: 9, BatchSize: 60, Start: far, ReassignmentRatio: 0.3, Seed: 4},
		"half a batch":    {Groups: 9, BatchSize: 6, Start: far, ReassignmentRatio: 0.9, Seed: 5},
		"no centre moves": {Groups: 9, BatchSize: 60, Start: far, ReassignmentRatio: -1, Seed: 6},
	} {
		t.Run(name, func(t *testing.T) {
			c.MaxIter, c.MaxNoImprovement = 2, -1
			steps := 2 * 1500 / c.BatchSize
			want, moved := sculley(x, c, steps)
			require.Equal(t, name == "centres move" || name == "half a batch", moved > 0)
			onLevels(t, func(t *testing.T) {
				for c.Workers = 1; c.Workers <= 2; c.Workers++ {
					got, err := c.Fit(x)
					require.NoError(t, err)
					require.Equal(t, steps, got.Iter)
					sum := 0.0
					at := make([]int, c.Groups) // of ours among the paper's
					for g := range c.Groups {
						best := math.Inf(1)
						for h := range c.Groups {
							if s := naiveSquared(got.Centres.RawRowView(g), want.RawRowView(h)); s < best {
								at[g], best = h, s
							}
						}
						require.Less(t, best, 1e-18, "centre %d", g)
					}
					for i, g := range got.Labels {
						least := math.Inf(1)
						for h := range c.Groups {
							least = min(least, naiveSquared(x.RawRowView(i), want.RawRowView(h)))
						}
						require.InDelta(t, least, naiveSquared(x.RawRowView(i), want.RawRowView(at[g])), 1e-9)
						sum += least
					}
					require.InEpsilon(t, sum, got.Inertia, 1e-9)
					again, err := got.Predict(x)
					require.NoError(t, err)
					require.Equal(t, got.Labels, again)
				}
			})
		})
	}
}

func TestMiniBatchesEnd(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(7, 8)), 3000, 3)
	fit := func(c subspace.MiniBatchKMeans) *subspace.Centres {
		c.Groups = 4
		found, err := c.Fit(x)
		require.NoError(t, err)
		return found
	}
	require.Equal(t, 30, fit(subspace.MiniBatchKMeans{BatchSize: 100, MaxIter: 1, MaxNoImprovement: -1}).Iter)
	require.Equal(t, 1, fit(subspace.MiniBatchKMeans{BatchSize: 2500, MaxIter: 1}).Iter)
	require.Less(t, fit(subspace.MiniBatchKMeans{BatchSize: 500}).Iter, 600, "no improvement ends it")
	loose := fit(subspace.MiniBatchKMeans{BatchSize: 500, MaxNoImprovement: -1, Tol: 0.1})
	tight := fit(subspace.MiniBatchKMeans{BatchSize: 500, MaxNoImprovement: -1, Tol: 1e-3})
	require.Less(t, loose.Iter, tight.Iter)
	require.Less(t, tight.Iter, 600)
	lloyd, err := subspace.KMeans{Groups: 4}.Fit(x)
	require.NoError(t, err)
	found := fit(subspace.MiniBatchKMeans{NInit: 3})
	require.Less(t, found.Inertia, 1.02*lloyd.Inertia)
	require.Greater(t, found.Inertia, 0.999*lloyd.Inertia)
}

// TestMiniBatchesOfEqualSamples has centres that get nothing.
func TestMiniBatchesOfEqualSamples(t *testing.T) {
	x := mat.NewDense(40, 2, nil)
	x.Apply(func(_, j int, _ float64) float64 { return float64(1 + j) }, x)
	found, err := subspace.MiniBatchKMeans{Groups: 3}.Fit(x)
	require.NoError(t, err)
	require.Zero(t, found.Inertia)
	require.Equal(t, make([]int, 40), found.Labels)
	for g := range 3 {
		require.Equal(t, []float64{1, 2}, found.Centres.RawRowView(g))
	}
}

func TestMiniBatchesRefuseWhatMakesNoSense(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(9, 10)), 10, 2)
	bad := mat.DenseCopyOf(x)
	bad.Set(3, 1, math.Inf(1))
	for want, c := range map[string]subspace.MiniBatchKMeans{
		"11 groups of 10 samples":       {Groups: 11},
		"batches of -1 samples":         {Groups: 2, BatchSize: -1},
		"1 to begin with":               {Groups: 2, InitSize: 1},
		"reassignment ratio NaN":        {Groups: 2, ReassignmentRatio: math.NaN()},
		"reassignment ratio 2":          {Groups: 2, ReassignmentRatio: 2},
		"tolerance -1":                  {Groups: 2, Tol: -1},
		"of -1 iterations":              {Groups: 2, MaxIter: -1},
		"start: 10×2 centres":           {Groups: 2, Start: x},
		"feature 1 of sample 3 is +Inf": {Groups: 10, Start: bad},
	} {
		_, err := c.Fit(x)
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	_, err := subspace.MiniBatchKMeans{Groups: 2}.Fit(bad)
	require.ErrorContains(t, err, "feature 1 of sample 3 is +Inf")
	narrow := &subspace.Centres{Centres: mat.NewDense(1, 3, nil)}
	for want, f := range map[string]func() ([]int, error){
		"no centres":          func() ([]int, error) { return (*subspace.Centres)(nil).Predict(x) },
		"samples of 2 feat":   func() ([]int, error) { return narrow.Predict(x) },
		"feature 1 of sample": func() ([]int, error) { return (&subspace.Centres{Centres: x}).Predict(bad) },
	} {
		_, err := f()
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}
