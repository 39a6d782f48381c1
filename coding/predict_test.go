package coding_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
)

// TestClustersPredictTheFewestBits computes what each group's code grows by from the lengths themselves, with the new
// sample and without, and finds new samples of the same subspaces where the old ones are.
func TestClustersPredictTheFewestBits(t *testing.T) {
	const eps2 = 0.05
	all, labels := mixture(rand.New(rand.NewPCG(8, 8)), 5, []int{40, 30, 50}, []int{2, 1, 2}, 0.02)
	var rows, others []int
	for i := range labels {
		if i%5 == 4 {
			others = append(others, i)
		} else {
			rows = append(rows, i)
		}
	}
	x, z := chosen(all, rows), chosen(all, others)
	for _, affine := range []bool{false, true} {
		given := mat.DenseCopyOf(x)
		c, err := coding.Clustering{Eps2: eps2, Affine: affine, Groups: 3}.Fit(t.Context(), given)
		require.NoError(t, err)
		refined, err := c.Refine(t.Context(), given, eps2, affine)
		require.NoError(t, err)
		given.Scale(-1e6, given) // they keep a copy
		for _, c := range []*coding.Clusters{c, refined} {
			got, err := c.Predict(z)
			require.NoError(t, err)
			var want []int
			for i, g := range got {
				require.Equal(t, floats.MinIdx(growths(t, x, z.RawRowView(i), c, eps2, affine)), g, "sample %d", i)
				want = append(want, labels[others[i]])
			}
			require.Greater(t, purity(got, want), 0.9, "but for samples near 0, where the subspaces meet")
		}
	}
}

// growths returns L(X_j ∪ {v}) − L(X_j) − log₂(n_j/n) of each group.
func growths(t *testing.T, x *mat.Dense, v []float64, c *coding.Clusters, eps2 float64, affine bool) []float64 {
	length := coding.Length
	if affine {
		length = coding.LengthAffine
	}
	n, d := x.Dims()
	out := make([]float64, c.Groups)
	for j := range out {
		var of []int
		for i, y := range c.Labels {
			if y == j {
				of = append(of, i)
			}
		}
		before := chosen(x, of)
		after := mat.NewDense(len(of)+1, d, nil)
		after.Copy(before)
		after.SetRow(len(of), v)
		out[j] = ok(t)(length(after, eps2)) - ok(t)(length(before, eps2)) - math.Log2(float64(len(of))/float64(n))
	}
	return out
}

func chosen(x *mat.Dense, rows []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		out.SetRow(i, x.RawRowView(r))
	}
	return out
}

func TestClustersPredictRefuses(t *testing.T) {
	x, _ := mixture(rand.New(rand.NewPCG(8, 9)), 3, []int{8, 8}, []int{1, 1}, 0.02)
	c, err := coding.Clustering{Eps2: 0.05}.Fit(t.Context(), x)
	require.NoError(t, err)
	for want, ask := range map[string]func() ([]int, error){
		"no samples to compare with": func() ([]int, error) {
			return (&coding.Clusters{Labels: c.Labels, Groups: c.Groups}).Predict(x)
		},
		"lossy clustering: incremental coding length: no samples": func() ([]int, error) { return c.Predict(nil) },
		"4 features, fitted to 3": func() ([]int, error) {
			return c.Predict(mat.NewDense(1, 4, nil))
		},
		"feature 2 of sample 0 is NaN": func() ([]int, error) {
			return c.Predict(mat.NewDense(1, 3, []float64{0, 0, math.NaN()}))
		},
	} {
		_, err := ask()
		require.ErrorIs(t, err, coding.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}
