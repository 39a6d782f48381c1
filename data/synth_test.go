package data_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// matrix returns all samples of s of class c, or of all classes if c is −1.
func matrix(t *testing.T, s *data.Set, c int) *mat.Dense {
	var rows []float64
	n := 0
	for i, y := range s.Labels() {
		if c == -1 || y == c {
			var err error
			rows, err = s.Row(rows, i)
			require.NoError(t, err)
			n++
		}
	}
	return mat.NewDense(n, len(rows)/n, rows)
}

// rank counts the singular values above 1e-10 of the largest.
func rank(t *testing.T, m *mat.Dense) (r int) {
	var svd mat.SVD
	require.True(t, svd.Factorize(m, mat.SVDNone))
	s := svd.Values(nil)
	for _, v := range s {
		if v > 1e-10*s[0] {
			r++
		}
	}
	return r
}

func TestSubspacesHaveTheirRank(t *testing.T) {
	s, err := data.Subspaces(data.SubspacesConfig{Classes: 3, Dim: 12, Rank: 2, PerClass: 40, Apart: true, Seed: 5})
	require.NoError(t, err)
	assert.Equal(t, []int{40, 40, 40}, s.Counts())
	assert.Equal(t, 6, rank(t, matrix(t, s, -1)))
	for c := range 3 {
		assert.Equal(t, 2, rank(t, matrix(t, s, c)))
	}
	var cross mat.Dense
	cross.Mul(matrix(t, s, 0), matrix(t, s, 2).T())
	assert.Less(t, mat.Max(&cross), 1e-12, "classes are orthogonal")

	s, err = data.Subspaces(data.SubspacesConfig{Classes: 2, Dim: 12, Rank: 2, Seed: 5})
	require.NoError(t, err)
	cross.Reset()
	cross.Mul(matrix(t, s, 0), matrix(t, s, 1).T())
	assert.Greater(t, mat.Max(&cross), 0.1, "unless they need not be")
	noisy, err := data.Subspaces(data.SubspacesConfig{Classes: 1, Dim: 12, Rank: 2, PerClass: 40, Noise: 0.1, Seed: 5})
	require.NoError(t, err)
	assert.Equal(t, 12, rank(t, matrix(t, noisy, 0)))
}

func TestGaussiansHaveTheirMoments(t *testing.T) {
	s, err := data.Gaussians(data.GaussiansConfig{Classes: 2, Dim: 3, PerClass: 4000, Sigma: 2, Seed: 1})
	require.NoError(t, err)
	for c := range 2 {
		m := matrix(t, s, c)
		n, d := m.Dims()
		for j := range d {
			mean, square := 0.0, 0.0
			for i := range n {
				mean += m.At(i, j) / float64(n)
			}
			for i := range n {
				square += (m.At(i, j) - mean) * (m.At(i, j) - mean) / float64(n)
			}
			assert.InDelta(t, 4, square, 4*4*math.Sqrt(2/float64(n)), "variance within 4 standard errors")
		}
	}
}

func TestSparseCodesAreTheCodesOfTheirSamples(t *testing.T) {
	const m, d, n = 20, 30, 400
	for _, snr := range []float64{0, 20} {
		s, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: n, Measurements: m, Atoms: d, Density: 0.2,
			SNR: snr, Seed: 3})
		require.NoError(t, err)
		dict := mat.NewDense(m, d, a)
		for j := range d {
			assert.InDelta(t, 1, mat.Norm(dict.ColView(j), 2), 1e-14)
		}
		src, err := data.NewBatches(s, data.BatchConfig{Size: n})
		require.NoError(t, err)
		x, y := buffers(src, tensor.Float64)
		require.NoError(t, src.Next(x, y))
		b, z := mat.NewDense(n, m, x.Float64s()), mat.NewDense(n, d, y.Float64s())
		var az, noise mat.Dense
		az.Mul(z, dict.T())
		noise.Sub(b, &az)
		support := 0
		for _, v := range y.Float64s() {
			if v != 0 {
				support++
			}
		}
		assert.InDelta(t, 0.2, float64(support)/(n*d), 4*math.Sqrt(0.16/(n*d)))
		if snr == 0 {
			assert.Less(t, mat.Norm(&noise, 2), 1e-12)
			continue
		}
		got := 20 * math.Log10(mat.Norm(&az, 2)/mat.Norm(&noise, 2))
		assert.InDelta(t, snr, got, 0.5)
	}
}

func TestSyntheticSetsAreFunctionsOfTheirSeed(t *testing.T) {
	one := func(seed, stream uint64) ([]float64, []float64) {
		s, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: 2, Measurements: 4, Atoms: 6, Density: 0.9,
			Seed: seed, Stream: stream})
		require.NoError(t, err)
		row, err := s.Row(nil, 0)
		require.NoError(t, err)
		return row, a
	}
	x, a := one(1, 0)
	again, b := one(1, 0)
	assert.Equal(t, x, again)
	assert.Equal(t, a, b)
	other, b := one(1, 1)
	assert.NotEqual(t, x, other)
	assert.Equal(t, a, b, "another stream has other samples of one dictionary")
	_, b = one(2, 0)
	assert.NotEqual(t, a, b)
}

func TestSyntheticSetsRefuseWhatCannotBe(t *testing.T) {
	for _, c := range []data.SubspacesConfig{
		{Dim: 2, Rank: 3}, {Classes: 4, Dim: 10, Rank: 3, Apart: true}, {Noise: -1}, {Noise: math.NaN()}, {Classes: -1},
		{PerClass: -1},
	} {
		_, err := data.Subspaces(c)
		assert.ErrorIs(t, err, data.ErrInput)
	}
	for _, c := range []data.GaussiansConfig{{Dim: -1}, {Sigma: -1}, {Spread: math.Inf(1)}} {
		_, err := data.Gaussians(c)
		assert.ErrorIs(t, err, data.ErrInput)
	}
	for _, c := range []data.SparseCodesConfig{{Density: 2}, {Density: -0.1}, {SNR: math.NaN()}, {Atoms: -1}} {
		_, _, err := data.SparseCodes(c)
		assert.ErrorIs(t, err, data.ErrInput)
	}
}
