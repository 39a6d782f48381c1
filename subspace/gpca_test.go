package subspace_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/subspace"
)

// agree returns the share of samples with the same label, up to the order of the
// groups, which both have by their first sample.
func agree(a, b []int) float64 {
	same := 0.0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return same / float64(len(a))
}

// TestGPCAIsExact finds subspaces of clean samples exactly, with their dimensions:
// arrangements of hyperplanes, of a plane and lines, of different dimensions.
func TestGPCAIsExact(t *testing.T) {
	for name, c := range map[string]struct {
		d            int
		sizes, ranks []int
	}{
		"one plane":               {3, []int{30}, []int{2}},
		"two lines":               {2, []int{10, 12}, []int{1, 1}},
		"four lines":              {2, []int{10, 12, 11, 9}, []int{1, 1, 1, 1}},
		"three planes":            {3, []int{30, 40, 35}, []int{2, 2, 2}},
		"plane and two lines":     {3, []int{60, 25, 25}, []int{2, 1, 1}},
		"hyperplane, plane, line": {4, []int{80, 50, 30}, []int{3, 2, 1}},
	} {
		for seed := range uint64(3) {
			x, labels := mixture(rand.New(rand.NewPCG(1, seed)), c.d, c.sizes, c.ranks, 0)
			a, err := subspace.GPCA{Groups: len(c.sizes)}.Fit(x)
			require.NoError(t, err, name)
			require.Equal(t, labels, a.Labels, name)
			lo := 0
			for j, n := range c.sizes {
				_, codim := a.Normals[j].Dims()
				require.Equal(t, c.d-c.ranks[j], codim, name)
				var left mat.Dense
				left.Mul(x.Slice(lo, lo+n, 0, c.d), a.Normals[j])
				require.Less(t, mat.Norm(&left, 2), 1e-6*mat.Norm(x, 2), name)
				lo += n
			}
		}
	}
}

// TestGPCAStandsNoise has noisy planes and mixed dimensions.
func TestGPCAStandsNoise(t *testing.T) {
	for seed := range uint64(3) {
		x, labels := mixture(rand.New(rand.NewPCG(2, seed)), 3, []int{60, 60}, []int{2, 2}, 0.01)
		a, err := subspace.GPCA{Groups: 2, Hyperplanes: true, Noise: 0.01}.Fit(x)
		require.NoError(t, err)
		require.Equal(t, 1, a.Polynomials)
		require.Greater(t, agree(labels, a.Labels), 0.9)
		for j := range 2 {
			var left mat.Dense
			left.Mul(x.Slice(60*j, 60*j+60, 0, 3), a.Normals[j])
			require.Less(t, mat.Norm(&left, 2)/math.Sqrt(60), 0.1)
		}
	}
}

// TestSpectralGPCAStandsMoreNoise compares the two ways over noisy arrangements. With little
// noise they find the same, and with much the angles of all normals find more.
func TestSpectralGPCAStandsMoreNoise(t *testing.T) {
	const seeds = 6
	for name, c := range map[string]struct {
		d            int
		sizes, ranks []int
		noise, least float64 // of the mean accuracy
		more         float64 // than by distance
	}{
		"three planes":                    {3, []int{60, 60, 60}, []int{2, 2, 2}, 0.03, 0.92, -0.01},
		"plane and two lines":             {3, []int{60, 40, 40}, []int{2, 1, 1}, 0.03, 0.74, -0.01},
		"four planes, much noise":         {3, []int{60, 60, 60, 60}, []int{2, 2, 2, 2}, 0.08, 0.8, 0},
		"plane and two lines, much noise": {3, []int{60, 40, 40}, []int{2, 1, 1}, 0.08, 0.62, 0.05},
	} {
		one, all := 0.0, 0.0
		for seed := range uint64(seeds) {
			x, labels := mixture(rand.New(rand.NewPCG(12, seed)), c.d, c.sizes, c.ranks, c.noise)
			g := subspace.GPCA{Groups: len(c.sizes), Hyperplanes: c.ranks[1] == c.d-1, Noise: 4 * c.noise}
			for sum, spectral := range map[*float64]bool{&one: false, &all: true} {
				g.Spectral = spectral
				a, err := g.Fit(x)
				require.NoError(t, err, name)
				right, err := metrics.ClusterAccuracy(a.Labels, labels)
				require.NoError(t, err)
				*sum += right / seeds
			}
		}
		t.Logf("%s: by distance %.3f, spectral %.3f", name, one, all)
		require.Greater(t, all, c.least, name)
		require.Greater(t, all, one+c.more, name)
	}
}

// TestSpectralGPCAIsExact has clean samples, with subspaces of different dimensions.
func TestSpectralGPCAIsExact(t *testing.T) {
	for name, c := range map[string]struct {
		d            int
		sizes, ranks []int
	}{
		"three planes":            {3, []int{30, 40, 35}, []int{2, 2, 2}},
		"plane and two lines":     {3, []int{60, 25, 25}, []int{2, 1, 1}},
		"hyperplane, plane, line": {4, []int{80, 50, 30}, []int{3, 2, 1}},
	} {
		x, labels := mixture(rand.New(rand.NewPCG(5, 1)), c.d, c.sizes, c.ranks, 0)
		a, err := subspace.GPCA{Groups: len(c.sizes), Spectral: true}.Fit(x)
		require.NoError(t, err, name)
		require.Equal(t, labels, a.Labels, name)
		for j, b := range a.Normals {
			_, codim := b.Dims()
			require.Equal(t, c.d-c.ranks[j], codim, name)
		}
	}
}

// TestGPCAFindsTheNumberOfHyperplanes has clean and noisy lines and planes.
func TestGPCAFindsTheNumberOfHyperplanes(t *testing.T) {
	for _, noise := range []float64{0, 0.002} {
		for k := 1; k <= 4; k++ {
			for _, d := range []int{2, 3} {
				sizes, ranks := make([]int, k), make([]int, k)
				for j := range k {
					sizes[j], ranks[j] = 60, d-1
				}
				x, _ := mixture(rand.New(rand.NewPCG(7, uint64(k))), d, sizes, ranks, noise)
				a, err := subspace.GPCA{Hyperplanes: true, Noise: max(1e-6, 10*noise)}.Fit(x)
				require.NoError(t, err)
				require.Len(t, a.Normals, k, "noise %v, %d hyperplanes in %d dimensions", noise, k, d)
			}
		}
	}
	x, _ := mixture(rand.New(rand.NewPCG(7, 9)), 3, []int{60, 30, 30}, []int{2, 1, 1}, 0)
	a, err := subspace.GPCA{Hyperplanes: true}.Fit(x)
	require.NoError(t, err)
	require.Len(t, a.Normals, 2, "a plane and two lines lie in two planes")
}

// TestGPCAFindsNumberAndDimensions has arrangements of subspaces of any dimensions, clean and with
// noise, of which nothing is told.
func TestGPCAFindsNumberAndDimensions(t *testing.T) {
	for name, c := range map[string]struct {
		d            int
		sizes, ranks []int
	}{
		"one line":                {3, []int{30}, []int{1}},
		"two lines in space":      {3, []int{40, 40}, []int{1, 1}},
		"three lines in space":    {4, []int{40, 40, 40}, []int{1, 1, 1}},
		"plane and line":          {3, []int{80, 40}, []int{2, 1}},
		"plane and two lines":     {3, []int{80, 40, 40}, []int{2, 1, 1}},
		"three planes":            {3, []int{60, 60, 60}, []int{2, 2, 2}},
		"two planes in R⁴":        {4, []int{60, 60}, []int{2, 2}},
		"hyperplane, plane, line": {4, []int{120, 80, 40}, []int{3, 2, 1}},
	} {
		for _, noise := range []float64{0, 0.003} {
			const seeds = 10
			right := 0
			for seed := range uint64(seeds) {
				x, labels := mixture(rand.New(rand.NewPCG(17, seed)), c.d, c.sizes, c.ranks, noise)
				a, err := subspace.GPCA{Noise: max(1e-6, 8*noise)}.Fit(x)
				require.NoError(t, err, name)
				if len(a.Normals) != len(c.sizes) {
					continue
				}
				good := agree(labels, a.Labels) > 0.9
				for j, b := range a.Normals {
					_, codim := b.Dims()
					good = good && c.d-c.ranks[j] == codim
				}
				if good {
					right++
				}
			}
			t.Logf("%s, noise %v: %d of %d", name, noise, right, seeds)
			if noise == 0 {
				require.Equal(t, seeds, right, name)
			}
			require.GreaterOrEqual(t, right, seeds-3, "%s with noise", name)
		}
	}
}

// TestVeroneseKeepsProducts checks that ν(x)ᵀν(y) = (xᵀy)ⁿ.
func TestVeroneseKeepsProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for n := 1; n <= 5; n++ {
		x, y := gauss(rng, 1, 4), gauss(rng, 1, 4)
		want := math.Pow(mat.Dot(x.RowView(0), y.RowView(0)), float64(n))
		require.InDelta(t, want, subspace.VeroneseProduct(n, x, y), 1e-12*(1+math.Abs(want)))
	}
}

func TestGPCARefuses(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(3, 3)), 30, 3)
	line := mat.NewDense(4, 2, []float64{1, 1, 2, 2, 3, 3, -1, -1})
	for want, c := range map[string]struct {
		g subspace.GPCA
		x *mat.Dense
	}{
		"GPCA: no samples":                            {subspace.GPCA{Groups: 1}, nil},
		"-1 subspaces of 3 features":                  {subspace.GPCA{Groups: -1}, x},
		"30 samples for the 36 monomials of degree 7": {subspace.GPCA{Hyperplanes: true}, x},
		"no polynomial vanishes on 30 samples":        {subspace.GPCA{}, x},
		"all samples are 0":                           {subspace.GPCA{}, mat.NewDense(4, 2, nil)},
		"2 subspaces of 1 features":                   {subspace.GPCA{Groups: 2}, mat.NewDense(3, 1, nil)},
		"noise 2":                                     {subspace.GPCA{Groups: 1, Noise: 2}, x},
		"30 samples for 66 monomials of degree 10":    {subspace.GPCA{Groups: 10}, x},
		"no polynomial of degree 2 vanishes":          {subspace.GPCA{Groups: 2}, x},
		"no sample is left for subspace 0 of 3":       {subspace.GPCA{Groups: 3}, mat.NewDense(4, 2, nil)},
	} {
		_, err := c.g.Fit(c.x)
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	a, err := subspace.GPCA{Groups: 2}.Fit(line)
	require.NoError(t, err, "one line is two lines of which one has no samples")
	require.Equal(t, []int{0, 0, 0, 0}, a.Labels)
}

// A plane and two lines in space, of which neither the number nor the dimensions are told.
func ExampleGPCA() {
	rng := rand.New(rand.NewPCG(1, 1))
	x := mat.NewDense(120, 3, nil)
	for i := range 120 {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		switch {
		case i < 60:
			x.SetRow(i, []float64{a, b, 0})
		case i < 90:
			x.SetRow(i, []float64{0, 0, a})
		default:
			x.SetRow(i, []float64{a, 0, a})
		}
	}
	found, err := subspace.GPCA{}.Fit(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	for j, normals := range found.Normals {
		_, codimension := normals.Dims()
		fmt.Printf("subspace %d of dimension %d\n", j, 3-codimension)
	}
	// Output:
	// subspace 0 of dimension 2
	// subspace 1 of dimension 1
	// subspace 2 of dimension 1
}
