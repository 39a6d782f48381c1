package subspace_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/subspace"
)

// hard are samples that make distances by products wrong: each comes with the number of groups.
func hard() map[string]func(r *rand.Rand) (x *mat.Dense, k int) {
	change := func(x *mat.Dense, f func(i, j int, v float64) float64) *mat.Dense { x.Apply(f, x); return x }
	return map[string]func(r *rand.Rand) (*mat.Dense, int){
		"gaussian":      func(r *rand.Rand) (*mat.Dense, int) { return gauss(r, 300, 7), 5 },
		"many features": func(r *rand.Rand) (*mat.Dense, int) { return gauss(r, 150, 301), 9 },
		"one feature":   func(r *rand.Rand) (*mat.Dense, int) { return gauss(r, 200, 1), 6 },
		"one group":     func(r *rand.Rand) (*mat.Dense, int) { return gauss(r, 50, 3), 1 },
		"duplicates": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 200, 3), func(_, _ int, v float64) float64 { return math.Round(v) }), 20
		},
		"a lattice": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 300, 2), func(i, j int, _ float64) float64 { return float64(i / (1 + 16*j) % 17) }),
				8
		},
		"all equal": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 60, 4), func(_, j int, _ float64) float64 { return float64(j) + 0.1 }), 5
		},
		"fewer points than groups": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 100, 3), func(i, _ int, _ float64) float64 { return float64(i % 4) }), 11
		},
		"as many groups as samples": func(r *rand.Rand) (*mat.Dense, int) { return gauss(r, 60, 3), 60 },
		"far from 0": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 200, 5), func(_, _ int, v float64) float64 { return 1e8 + v }), 6
		},
		"far apart": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 200, 5), func(i, _ int, v float64) float64 { return 1e8*float64(i%2) + v }), 9
		},
		"an outlier": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 600, 3), func(i, _ int, v float64) float64 {
				if i == 333 {
					return 1e100
				}
				return v
			}), 4
		},
		"tiny": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 200, 3), func(_, _ int, v float64) float64 { return v * 0x1p-490 }), 4
		},
		"huge": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 200, 3), func(_, _ int, v float64) float64 { return v * 0x1p490 }), 4
		},
		"nearly equal": func(r *rand.Rand) (*mat.Dense, int) {
			return change(gauss(r, 200, 3), func(_, _ int, v float64) float64 { return 1 + v*1e-15 }), 4
		},
	}
}

// onLevels runs f at every level of instructions of this machine.
func onLevels(t *testing.T, f func(t *testing.T)) {
	was := simd.Active()
	defer func() { require.NoError(t, simd.Use(was)) }()
	for _, l := range simd.Levels() {
		require.NoError(t, simd.Use(l))
		t.Run(l.String(), f)
	}
}

// TestKMeansIsLloydToTheBit compares labels, centres and inertia with k-means by differences, from the same draws and
// from given centres, with several workers and settings.
func TestKMeansIsLloydToTheBit(t *testing.T) {
	for name, draw := range hard() {
		t.Run(name, func(t *testing.T) {
			x, k := draw(rand.New(rand.NewPCG(1, 2)))
			n, _ := x.Dims()
			var want []subspace.Centres
			settings := []subspace.KMeans{
				{Groups: k, NInit: 3, MaxIter: 300, Seed: 7},
				{Groups: k, NInit: 2, MaxIter: 3, Seed: 8},
				{Groups: k, NInit: 2, MaxIter: 300, Tol: 1e-2, Seed: 9},
				{Groups: k, NInit: 1, MaxIter: 300, Start: mat.DenseCopyOf(x.Slice(n-k, n, 0, x.RawMatrix().Cols))},
			}
			for _, c := range settings {
				want = append(want, naiveKMeans(x, c))
			}
			onLevels(t, func(t *testing.T) {
				for i, c := range settings {
					for c.Workers = 1; c.Workers <= 3; c.Workers += 2 {
						got, err := c.Fit(x)
						require.NoError(t, err)
						require.Equal(t, want[i].Labels, got.Labels, "settings %d", i)
						require.Equal(t, want[i].Centres, got.Centres, "settings %d", i)
						require.Equal(t, want[i].Inertia, got.Inertia, "settings %d", i)
					}
				}
			})
		})
	}
}

func TestKMeansReadsAPartOfAMatrix(t *testing.T) {
	whole := gauss(rand.New(rand.NewPCG(3, 4)), 90, 8)
	part := whole.Slice(10, 80, 2, 7).(*mat.Dense)
	want, err := subspace.KMeans{Groups: 4}.Fit(mat.DenseCopyOf(part))
	require.NoError(t, err)
	got, err := subspace.KMeans{Groups: 4}.Fit(part)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestKMeansRefusesWhatMakesNoSense(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(5, 6)), 10, 2)
	with := func(i, j int, v float64) *mat.Dense {
		bad := mat.DenseCopyOf(x)
		bad.Set(i, j, v)
		return bad
	}
	start, narrow := mat.DenseCopyOf(x.Slice(0, 3, 0, 2)), mat.NewDense(2, 1, nil)
	for want, bad := range map[string]struct {
		c subspace.KMeans
		x *mat.Dense
	}{
		"feature 1 of sample 4 is NaN":         {subspace.KMeans{Groups: 2}, with(4, 1, math.NaN())},
		"feature 0 of sample 9 is -Inf":        {subspace.KMeans{Groups: 2}, with(9, 0, math.Inf(-1))},
		"no samples":                           {subspace.KMeans{Groups: 2}, nil},
		"11 groups of 10 samples":              {subspace.KMeans{Groups: 11}, x},
		"0 groups of 10 samples":               {subspace.KMeans{}, x},
		"-1 restarts":                          {subspace.KMeans{Groups: 2, NInit: -1}, x},
		"of -1 iterations":                     {subspace.KMeans{Groups: 2, MaxIter: -1}, x},
		"tolerance NaN":                        {subspace.KMeans{Groups: 2, Tol: math.NaN()}, x},
		"tolerance -1":                         {subspace.KMeans{Groups: 2, Tol: -1}, x},
		"-1 workers":                           {subspace.KMeans{Groups: 2, Workers: -1}, x},
		"3×2 centres and 0 restarts":           {subspace.KMeans{Groups: 2, Start: start}, x},
		"3×2 centres and 2 restarts":           {subspace.KMeans{Groups: 3, NInit: 2, Start: start}, x},
		"start: feature 1 of sample 4":         {subspace.KMeans{Groups: 10, Start: with(4, 1, math.NaN())}, x},
		"start: no samples":                    {subspace.KMeans{Groups: 2, Start: &mat.Dense{}}, x},
		"2×1 centres and 1 restarts, want 2×2": {subspace.KMeans{Groups: 2, NInit: 1, Start: narrow}, x},
	} {
		_, err := bad.c.Fit(bad.x)
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}

// TestKMeansIterationsAllocateNothing compares many iterations with few.
func TestKMeansIterationsAllocateNothing(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(7, 8)), 2000, 5)
	count := func(iterations int) float64 {
		return testing.AllocsPerRun(3, func() {
			c, err := subspace.KMeans{Groups: 12, NInit: 1, MaxIter: iterations, Workers: 1}.Fit(x)
			require.NoError(t, err)
			require.Equal(t, iterations, c.Iter)
		})
	}
	require.Equal(t, count(2), count(22))
}

func BenchmarkKMeans(b *testing.B) {
	for _, size := range [][5]int{{5000, 64, 10, 10, 0}, {20000, 784, 100, 1, 20}} {
		x := gauss(rand.New(rand.NewPCG(1, 2)), size[0], size[1])
		b.Run(fmt.Sprintf("%dx%d k %d", size[0], size[1], size[2]), func(b *testing.B) {
			for b.Loop() {
				if _, err := (subspace.KMeans{Groups: size[2], NInit: size[3], MaxIter: size[4]}).Fit(x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
