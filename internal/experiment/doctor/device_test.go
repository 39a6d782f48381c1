//go:build whitebox_cuda && linux && (amd64 || arm64)

package doctor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

func TestTheDoctorTriesAStepOnEachDevice(t *testing.T) {
	fake.Use(t)
	all, err := cuda.Devices()
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, examine(&b))
	for _, word := range []string{"cuBLAS is there", "cuSOLVER is there", "cuFFT is there", "GiB are free",
		"a first step took", "its loss is that of the CPU"} {
		require.Equal(t, len(all), strings.Count(b.String(), word), "%s in\n%s", word, &b)
	}
	require.NotContains(t, b.String(), "WRONG")
}

// TestTheDoctorTellsOfADeviceThatDoesNotAnswer loses the first of two in the step.
func TestTheDoctorTellsOfADeviceThatDoesNotAnswer(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	c.Fail("cuStreamSynchronize", 1, 719)
	var b strings.Builder
	require.NoError(t, examine(&b))
	c.Forgive()
	require.Contains(t, b.String(), "does not answer: ")
	require.Contains(t, b.String(), "CUDA_ERROR_LAUNCH_FAILED (719)")
	require.Equal(t, 1, strings.Count(b.String(), "its loss is that of the CPU"), b.String())
}
