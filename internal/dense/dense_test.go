package dense_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
)

func TestACopyHasTheNumbersAndMemoryOfItsOwn(t *testing.T) {
	for _, backing := range []any{[]float32{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4, 5, 6}} {
		src := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(backing))
		dst := dense.Like(src)
		require.Equal(t, src.Dtype(), dst.Dtype())
		require.True(t, src.Shape().Eq(dst.Shape()))
		dense.Copy(dst, src)
		require.Equal(t, src.Data(), dst.Data())
		dst.Zero()
		require.NotEqual(t, src.Data(), dst.Data())
	}
}
