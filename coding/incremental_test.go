package coding_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
)

// TestIncrementalIsTheDifferenceOfLengths compares with the lengths of the class
// without and with the sample.
func TestIncrementalIsTheDifferenceOfLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	const d, k, eps2 = 4, 3, 0.3
	x, test := gauss(rng, 17, d), gauss(rng, 5, d)
	labels := make([]int, 17)
	var of [k][]int
	for i := range labels {
		labels[i] = min(i%4, 2)
		of[labels[i]] = append(of[labels[i]], i)
		x.Set(i, 0, x.At(i, 0)+3*float64(labels[i]))
	}
	for _, c := range []coding.Incremental{{}, {Linear: true}, {Equal: true}} {
		c.Eps2 = eps2
		f, err := c.Fit(x, labels, k)
		require.NoError(t, err)
		got, err := f.Lengths(test)
		require.NoError(t, err)
		length := coding.LengthAffine
		if c.Linear {
			length = coding.Length
		}
		predicted, err := f.Predict(test)
		require.NoError(t, err)
		for i := range 5 {
			best, which := math.Inf(1), 0
			for j := range k {
				class := mat.NewDense(len(of[j]), d, nil)
				for r, row := range of[j] {
					class.SetRow(r, x.RawRowView(row))
				}
				var grown mat.Dense
				grown.Stack(class, test.Slice(i, i+1, 0, d))
				want := ok(t)(length(&grown, eps2)) - ok(t)(length(class, eps2))
				if !c.Equal {
					want -= math.Log2(float64(len(of[j])) / 17)
				}
				require.InDelta(t, want, got.At(i, j), 1e-10)
				if want < best {
					best, which = want, j
				}
			}
			require.Equal(t, which, predicted[i])
		}
	}
}

// TestIncrementalTellsSubspaces classifies samples of a plane and two lines,
// that no hyperplanes part, and classes of one sample, one feature.
func TestIncrementalTellsSubspaces(t *testing.T) {
	x, labels := planeAndLines(rand.New(rand.NewPCG(11, 1)))
	test, want := planeAndLines(rand.New(rand.NewPCG(11, 2)))
	f, err := coding.Incremental{Eps2: 0.001}.Fit(x, labels, 3)
	require.NoError(t, err)
	got, err := f.Predict(test)
	require.NoError(t, err)
	require.GreaterOrEqual(t, purity(got, want), 0.95)

	f, err = coding.Incremental{Eps2: 0.1}.Fit(mat.NewDense(2, 1, []float64{0, 5}), []int{0, 1}, 2)
	require.NoError(t, err)
	got, err = f.Predict(mat.NewDense(2, 1, []float64{4.8, 0.3}))
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, got)
}

// TestNeighboursThatAreAllAreTheClass compares the local version, with as many neighbours as there
// are samples, with the other.
func TestNeighboursThatAreAllAreTheClass(t *testing.T) {
	x, labels := mixture(rand.New(rand.NewPCG(21, 21)), 4, []int{9, 7}, []int{2, 1}, 0.1)
	for _, linear := range []bool{false, true} {
		c := coding.Incremental{Eps2: 0.1, Linear: linear}
		one, err := c.Fit(x, labels, 2)
		require.NoError(t, err)
		want, err := one.Lengths(x)
		require.NoError(t, err)
		c.Neighbours = 50
		all, err := c.Fit(x, labels, 2)
		require.NoError(t, err)
		got, err := all.Lengths(x)
		require.NoError(t, err)
		require.True(t, mat.EqualApprox(want, got, 1e-9))
	}
}

// TestNeighboursTellRings has two rings, one in the other and of one mean, which Gaussians tell by
// their size alone, and near each sample are lines.
func TestNeighboursTellRings(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	ring := func() (*mat.Dense, []int) {
		x, labels := mat.NewDense(160, 2, nil), make([]int, 160)
		for i := range labels {
			labels[i] = i % 2
			angle, r := 2*math.Pi*rng.Float64(), 1+0.3*float64(i%2)+0.02*rng.NormFloat64()
			x.SetRow(i, []float64{r * math.Cos(angle), r * math.Sin(angle)})
		}
		return x, labels
	}
	x, labels := ring()
	test, want := ring()
	right := map[int]float64{}
	for _, near := range []int{0, 6} {
		c, err := coding.Incremental{Eps2: 0.01, Neighbours: near}.Fit(x, labels, 2)
		require.NoError(t, err)
		y, err := c.Predict(test)
		require.NoError(t, err)
		for i := range y {
			if y[i] == want[i] {
				right[near] += 1.0 / 160
			}
		}
	}
	require.Greater(t, right[6], 0.97)
	require.Less(t, right[0], 0.95)
}

func TestIncrementalRefuses(t *testing.T) {
	x := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	f, err := coding.Incremental{Eps2: 1}.Fit(x, []int{0, 1}, 2)
	require.NoError(t, err)
	fit := func(_ *coding.IncrementalClasses, err error) error { return err }
	_, narrow := f.Predict(mat.NewDense(1, 1, nil))
	_, nan := f.Lengths(mat.NewDense(1, 2, []float64{0, math.NaN()}))
	for want, err := range map[string]error{
		"class 1 has no samples":  fit(coding.Incremental{Eps2: 1}.Fit(x, []int{0, 0}, 2)),
		"ε² is 0":                 fit(coding.Incremental{}.Fit(x, []int{0, 1}, 2)),
		"label 2 of sample 1":     fit(coding.Incremental{Eps2: 1}.Fit(x, []int{0, 2}, 2)),
		"1 features, fitted to 2": narrow,
		"feature 1 of sample 0":   nan,
		"too large for ε²":        fit(coding.Incremental{Eps2: 1e-320}.Fit(x, []int{0, 1}, 2)),
		"-1 neighbours":           fit(coding.Incremental{Eps2: 1, Neighbours: -1}.Fit(x, []int{0, 1}, 2)),
	} {
		require.ErrorIs(t, err, coding.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}
