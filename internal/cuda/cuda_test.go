package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
)

// TestWithoutAGPUTheReasonIsClear looks for the driver in an empty folder: with the
// tag or without, on a machine with a GPU or without, there is a reason.
func TestWithoutAGPUTheReasonIsClear(t *testing.T) {
	err := cuda.Check()
	if err == nil {
		return
	}
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	require.Regexp(t, "CPU only|was not found|Linux|driver|device", err.Error())
	_, err = cuda.Open(0)
	require.ErrorIs(t, err, cuda.ErrUnavailable)
}
