package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// TestMatrixHasTheSamplesAsRows compares with Row and Target, of classes and of vectors.
func TestMatrixHasTheSamplesAsRows(t *testing.T) {
	classes, err := data.AllIris()
	require.NoError(t, err)
	vectors, _, err := data.SparseCodes(data.SparseCodesConfig{Samples: 7, Measurements: 3, Atoms: 5})
	require.NoError(t, err)
	for _, s := range []*data.Set{classes, vectors} {
		x, err := s.Matrix()
		require.NoError(t, err)
		y, err := s.TargetMatrix()
		require.NoError(t, err)
		for i := range s.Len() {
			row, err := s.Row(nil, i)
			require.NoError(t, err)
			require.Equal(t, row, x.RawRowView(i))
			target, err := s.Target(nil, i)
			require.NoError(t, err)
			require.Equal(t, target, y.RawRowView(i))
		}
		rows, _ := x.Dims()
		require.Equal(t, s.Len(), rows)
	}
	_, err = new(data.Set).Matrix()
	require.ErrorIs(t, err, data.ErrInput)
	_, err = (*data.Set)(nil).TargetMatrix()
	require.ErrorIs(t, err, data.ErrInput)
}
