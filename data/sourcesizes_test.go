package data_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// TestSizesThatNobodyMeans asks for more than there is memory: it is an error before
// anything is allocated.
func TestSizesThatNobodyMeans(t *testing.T) {
	set := numbered(t, 4, 2)
	src, err := data.NewBatches(set, data.BatchConfig{Size: 2})
	require.NoError(t, err)
	images, err := data.New(make([]float64, 16), 1, []int{1, 4, 4}, []int{0}, 1)
	require.NoError(t, err)
	ofImages, err := data.NewBatches(images, data.BatchConfig{Size: 1})
	require.NoError(t, err)
	for _, n := range []int{math.MaxInt, math.MaxInt / 2, 1 << 62, 1 << 40, math.MaxInt32, math.MinInt, -1} {
		huge, err := data.NewBatches(set, data.BatchConfig{Size: n, Last: data.FillLast})
		if n < 0 {
			require.Error(t, err)
			huge = src
		} else {
			require.NoError(t, err)
		}
		for name, call := range map[string]func() error{
			"Prefetch":     func() error { _, err := data.NewPrefetch(src, tensor.Float64, n); return err },
			"Axes":         func() error { _, err := data.Axes(data.AxesConfig{Dim: n}); return err },
			"Axes, each":   func() error { _, err := data.Axes(data.AxesConfig{PerClass: n}); return err },
			"Gaussians, k": func() error { _, err := data.Gaussians(data.GaussiansConfig{Classes: n}); return err },
			"Gaussians, d": func() error { _, err := data.Gaussians(data.GaussiansConfig{Dim: n}); return err },
			"Gaussians, n": func() error { _, err := data.Gaussians(data.GaussiansConfig{PerClass: n}); return err },
			"Subspaces, k": func() error { _, err := data.Subspaces(data.SubspacesConfig{Classes: n}); return err },
			"Subspaces, d": func() error { _, err := data.Subspaces(data.SubspacesConfig{Dim: n}); return err },
			"Subspaces, p": func() error {
				_, err := data.Subspaces(data.SubspacesConfig{Rank: n, Apart: true})
				return err
			},
			"Subspaces, n": func() error { _, err := data.Subspaces(data.SubspacesConfig{PerClass: n}); return err },
			"codes, n": func() error {
				_, _, err := data.SparseCodes(data.SparseCodesConfig{Samples: n})
				return err
			},
			"codes, m": func() error {
				_, _, err := data.SparseCodes(data.SparseCodesConfig{Measurements: n})
				return err
			},
			"codes, d": func() error {
				_, _, err := data.SparseCodes(data.SparseCodesConfig{Atoms: n})
				return err
			},
			"stream, m": func() error {
				_, _, err := data.NewSparseStream(data.SparseCodesConfig{Measurements: n}, 1)
				return err
			},
			"stream, d": func() error {
				_, _, err := data.NewSparseStream(data.SparseCodesConfig{Atoms: n},
					1)
				return err
			},
			"stream, size": func() error { _, _, err := data.NewSparseStream(data.SparseCodesConfig{}, n); return err },
			"radii":        func() error { _, err := images.Polar(n, 2); return err },
			"angles":       func() error { _, err := images.Polar(2, n); return err },
			"padding": func() error {
				_, err := data.NewAugmented(ofImages,
					data.AugmentConfig{Transforms: []data.Transform{data.RandomCrop{Padding: n, Height: n, Width: n}}})
				return err
			},
			"classes": func() error { _, err := data.New([]float64{1}, 1, []int{1}, []int{0}, n); return err },
			"shape":   func() error { _, err := data.New([]float64{1}, 1, []int{n, n}, []int{0}, 1); return err },
			"target":  func() error { _, err := data.NewPairs([]float64{1}, []int{1}, []float64{1}, n); return err },
			"Prefetch of huge batches": func() error {
				if huge == src {
					return data.ErrInput
				}
				_, err := data.NewPrefetch(huge, tensor.Float64, 1)
				return err
			},
			"Reconstruct": func() error {
				if huge == src {
					return data.ErrInput
				}
				_, err := data.NewReconstruct(huge)
				return err
			},
		} {
			assert.ErrorIs(t, call(), data.ErrInput, "%s of %d", name, n)
		}
	}
	crop := []data.Transform{data.RandomCrop{}}
	a, err := data.NewAugmented(ofImages, data.AugmentConfig{Transforms: crop, Workers: math.MaxInt})
	require.NoError(t, err, "more workers than samples have nothing to do")
	x, y := buffers(a, tensor.Float32)
	require.NoError(t, a.Next(x, y))
}
