package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
)

func TestWithoutAGPUTheReasonIsClear(t *testing.T) {
	require.False(t, cuda.Available())
	require.ErrorIs(t, cuda.Check(), cuda.ErrUnavailable)
	require.ErrorContains(t, cuda.Check(), "CPU only")
}
