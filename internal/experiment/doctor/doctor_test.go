package doctor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn/backend"
)

func TestTheDoctorSaysWhatIsThereAndWhatToDo(t *testing.T) {
	var b strings.Builder
	require.NoError(t, examine(&b))
	for _, word := range []string{"Go ", "processor", backend.Kernels(), "OpenBLAS"} {
		require.Contains(t, b.String(), word)
	}
	if err := cuda.Check(); err != nil {
		require.Contains(t, b.String(), err.Error())
		require.Contains(t, b.String(), "docs/cuda.md")
	} else {
		require.Contains(t, b.String(), "cuda:0")
	}
}
