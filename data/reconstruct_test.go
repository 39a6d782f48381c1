package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

func TestReconstructMakesTargetsOfSamples(t *testing.T) {
	s, _, err := data.NewSparseStream(data.SparseCodesConfig{Samples: 4, Measurements: 3, Atoms: 5}, 2)
	require.NoError(t, err)
	r, err := data.NewReconstruct(s)
	require.NoError(t, err)
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		x, y := buffers(r, dt)
		require.NoError(t, r.Next(x, y))
		require.Equal(t, x.Data(), y.Data())
		require.Equal(t, []int{3}, r.TargetShape())
		_, wrong := buffers(s, dt)
		require.ErrorIs(t, r.Next(x, wrong), data.ErrInput)
	}
	require.EqualValues(t, 2, r.Position().Batch)
	_, err = data.NewReconstruct(nil)
	require.ErrorIs(t, err, data.ErrInput)
}
