package data_test

import (
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

func TestConditionIsThatOfTheDictionary(t *testing.T) {
	_, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: 1, Measurements: 10, Atoms: 25, Condition: 50,
		Seed: 2})
	require.NoError(t, err)
	dict := mat.NewDense(10, 25, a)
	assert.InDelta(t, 50, mat.Cond(dict, 2), 1e-9)
	assert.InDelta(t, 5, mat.Norm(dict, 2), 1e-12, "‖A‖_F = √d")
	_, _, err = data.SparseCodes(data.SparseCodesConfig{Condition: 0.5})
	assert.ErrorIs(t, err, data.ErrInput)
	_, _, err = data.SparseCodes(data.SparseCodesConfig{Condition: math.NaN()})
	assert.ErrorIs(t, err, data.ErrInput)
}

func TestSparseStreamNeverRepeatsAndSeeks(t *testing.T) {
	const m, d, size = 6, 9, 4
	cfg := data.SparseCodesConfig{Samples: 8, Measurements: m, Atoms: d, Density: 0.5, Seed: 3}
	s, a, err := data.NewSparseStream(cfg, size)
	require.NoError(t, err)
	_, same, err := data.SparseCodes(cfg)
	require.NoError(t, err)
	assert.Equal(t, same, a, "one dictionary")
	x, y := buffers(s, tensor.Float64)
	seen := map[float64]bool{}
	var second []float64
	for epoch := range 3 {
		for b := range 2 {
			require.NoError(t, s.Next(x, y))
			var az mat.Dense
			az.Mul(mat.NewDense(size, d, y.Float64s()), mat.NewDense(m, d, a).T())
			assert.True(t, mat.EqualApprox(&az, mat.NewDense(size, m, x.Float64s()), 1e-13), "x = A z")
			first := x.Float64s()[0]
			assert.False(t, seen[first], "epoch %d, batch %d is another's", epoch, b)
			seen[first] = true
			if epoch == 1 && b == 1 {
				second = append(second, x.Float64s()...)
			}
		}
		require.Equal(t, io.EOF, s.Next(x, y))
	}
	require.NoError(t, s.Seek(data.Position{Epoch: 1, Batch: 1}))
	x32, y32 := buffers(s, tensor.Float32)
	require.NoError(t, s.Next(x32, y32))
	for i, v := range x32.Float32s() {
		require.Equal(t, float32(second[i]), v)
	}
	require.NoError(t, s.Seek(data.Position{}))
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		if err := s.Next(x, y); err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}))
	_, _, err = data.NewSparseStream(cfg, 9)
	assert.ErrorIs(t, err, data.ErrInput)
	_, _, err = data.NewSparseStream(data.SparseCodesConfig{Density: 3}, 1)
	assert.ErrorIs(t, err, data.ErrInput)
}
