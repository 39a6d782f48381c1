package coding_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
)

// landscape is F and its gradient, straight from the definitions.
type landscape struct {
	labels []int
	k      int
	eps2   float64
	lambda float64
}

func (l landscape) f(t require.TestingT, z *mat.Dense) float64 {
	return ok(t)(coding.Reduction(z, l.labels, l.k, l.eps2)) - l.lambda/2*math.Pow(mat.Norm(z, 2), 2)
}

func (l landscape) grad(t require.TestingT, z *mat.Dense) *mat.Dense {
	g, err := coding.ReductionGrad(z, l.labels, l.k, l.eps2)
	require.NoError(t, err)
	var decay mat.Dense
	decay.Scale(l.lambda, z)
	g.Sub(g, &decay)
	return g
}

// ascend climbs from z until the gradient is 0, with steps of the length of
// Barzilai and Borwein, halved until they rise.
func (l landscape) ascend(t require.TestingT, z *mat.Dense) (at *mat.Dense, norm float64) {
	step, f, g := 1.0, l.f(t, z), l.grad(t, z)
	for range 1000 {
		if norm = mat.Norm(g, 2); norm < 1e-8 {
			break
		}
		var dz, dg mat.Dense
		for ; step > 1e-9; step /= 2 {
			dz.Scale(step, g)
			var next mat.Dense
			next.Add(z, &dz)
			if up := l.f(t, &next); up >= f-1e-14 {
				z, f = &next, up
				break
			}
		}
		now := l.grad(t, z)
		dg.Sub(now, g)
		g = now
		curve := mat.Norm(&dg, 2) * mat.Norm(&dg, 2)
		dg.MulElem(&dg, &dz)
		if step = math.Abs(mat.Sum(&dg)) / curve; !(step > 1e-3 && step < 1e3) {
			step = 1
		}
	}
	return z, norm
}

func sorted(sizes []int) (labels []int) {
	for j, n := range sizes {
		for range n {
			labels = append(labels, j)
		}
	}
	return labels
}

// TestOptimumPublished compares with numbers of an independent implementation.
func TestOptimumPublished(t *testing.T) {
	var ref struct {
		Case struct {
			D      int
			Nk     []int
			Eps2   float64
			Lambda float64 `json:"lambda_half_convention"`
			Most   float64 `json:"lambda_max"`
			Sigma  []float64
			F      float64   `json:"F_at_ranks_3_3"`
			Gain   []float64 `json:"contrib"`
			Max    float64   `json:"F_global"`
		} `json:"mcr2_regularised"`
	}
	read(t, "testdata/coding.json", &ref)
	c := ref.Case
	assert.InDelta(t, c.Most, ok(t)(coding.MaxLambda(c.D, c.Nk, c.Eps2)), 1e-14)
	o, err := coding.RegularizedOptimum(c.D, c.Nk, c.Eps2, c.Lambda)
	require.NoError(t, err)
	assert.InDeltaSlice(t, c.Sigma, o.Sigma, 1e-12)
	assert.InDeltaSlice(t, c.Gain, o.Gain, 1e-12)
	assert.InDelta(t, c.F, ok(t)(o.Value([]int{3, 3})), 1e-12)
	assert.InDelta(t, c.Max, o.Max, 1e-12)
	assert.Equal(t, []int{1, 5}, o.Ranks)
	assert.InDelta(t, 1.3912440560, o.Max, 1e-9)
}

// TestAscentReachesTheClosedForm climbs F from random features of unit scale and
// finds, every time, classes that are orthogonal, with the singular values of the
// theorem, ranks that add up to d, and the value that they give; never more than
// the global maximum.
func TestAscentReachesTheClosedForm(t *testing.T) {
	const d, eps2 = 6, 0.5
	for _, sizes := range [][]int{{8, 5}, {5, 4, 7}} {
		most := ok(t)(coding.MaxLambda(d, sizes, eps2))
		l := landscape{sorted(sizes), len(sizes), eps2, most / 2}
		o, err := coding.RegularizedOptimum(d, sizes, eps2, l.lambda)
		require.NoError(t, err)
		for seed := range uint64(4) {
			z, norm := l.ascend(t, gauss(rand.New(rand.NewPCG(9, seed)), len(l.labels), d))
			require.Less(t, norm, 1e-6) // as far as F, rounded, tells up from down
			ranks, at := make([]int, len(sizes)), 0
			var gram mat.Dense
			gram.Mul(z, z.T())
			for j, n := range sizes {
				var svd mat.SVD
				require.True(t, svd.Factorize(z.Slice(at, at+n, 0, d), mat.SVDNone))
				for _, s := range svd.Values(nil) {
					if s > 1e-3 {
						ranks[j]++
						require.InDelta(t, o.Sigma[j], s, 1e-6)
					}
				}
				for a := at; a < at+n; a++ {
					for b, y := range l.labels {
						if y != j {
							require.InDelta(t, 0, gram.At(a, b), 1e-6, "classes are orthogonal")
						}
					}
				}
				at += n
			}
			sum := 0
			for _, r := range ranks {
				sum += r
			}
			require.Equal(t, d, sum)
			f := l.f(t, z)
			require.InDelta(t, ok(t)(o.Value(ranks)), f, 1e-10)
			require.LessOrEqual(t, f, o.Max+1e-12)
		}
	}
}

// TestGlobalRanksAreTheBest tries all ranks, for λ up to where the largest class
// no longer pays.
func TestGlobalRanksAreTheBest(t *testing.T) {
	for _, c := range []struct {
		d     int
		sizes []int
	}{{6, []int{8, 5}}, {4, []int{5, 5}}, {9, []int{3, 2, 4}}, {5, []int{9, 1, 4}}} {
		for _, share := range []float64{0.05, 0.5, 1} {
			most := ok(t)(coding.MaxLambda(c.d, c.sizes, 0.3))
			o, err := coding.RegularizedOptimum(c.d, c.sizes, 0.3, share*most)
			require.NoError(t, err)
			best := math.Inf(-1)
			ranks := make([]int, len(c.sizes))
			for code := range 10 * 10 * 10 {
				for j := range ranks {
					ranks[j] = code % 10
					code /= 10
				}
				if f, err := o.Value(ranks); err == nil && code == 0 {
					best = max(best, f)
				}
			}
			require.InDelta(t, best, o.Max, 1e-12)
			require.InDelta(t, o.Max, ok(t)(o.Value(o.Ranks)), 0)
		}
	}
}

func TestOptimumRefuses(t *testing.T) {
	o, err := coding.RegularizedOptimum(6, []int{8, 5}, 0.5, 0.05)
	require.NoError(t, err)
	regular := func(_ *coding.Optimum, err error) error { return err }
	for want, err := range map[string]error{
		"dimension 0":                  second(coding.MaxLambda(0, []int{1}, 1)),
		"classes of [1 0] samples":     second(coding.MaxLambda(1, []int{1, 0}, 1)),
		"ε² NaN":                       regular(coding.RegularizedOptimum(1, []int{1}, math.NaN(), 1)),
		"λ is 0.2, want it in (0, 0.1": regular(coding.RegularizedOptimum(6, []int{8, 5}, 0.5, 0.2)),
		"λ is 1, want it in (0, 0]":    regular(coding.RegularizedOptimum(6, []int{8}, 0.5, 1)),
		"1 ranks for 2 classes":        second(o.Value([]int{1})),
		"rank 6 of class 1 of 5":       second(o.Value([]int{0, 6})),
		"add up to 7 in dimension 6":   second(o.Value([]int{4, 3})),
	} {
		require.ErrorIs(t, err, coding.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}
