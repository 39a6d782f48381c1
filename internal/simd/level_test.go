package simd_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestTheEnvironmentChoosesTheLevel runs under each value of WHITEBOX_SIMD in CI: the
// process is on the level that was asked for, or on the best.
func TestTheEnvironmentChoosesTheLevel(t *testing.T) {
	require.NoError(t, simd.Check())
	want := os.Getenv("WHITEBOX_SIMD")
	if want == "" {
		levels := simd.Levels()
		want = levels[len(levels)-1].String()
	}
	require.Equal(t, want, simd.Active().String())
}

func TestALevelThatIsNotThereIsRefused(t *testing.T) {
	t.Setenv("WHITEBOX_SIMD", "fast")
	require.ErrorContains(t, simd.Check(), `WHITEBOX_SIMD is "fast", want one of generic, avx2, avx512`)
	for _, l := range simd.Levels() {
		t.Setenv("WHITEBOX_SIMD", l.String())
		require.NoError(t, simd.Check())
	}
	if beyond := simd.Level(len(simd.Levels())); beyond <= simd.AVX512 {
		require.ErrorContains(t, simd.Use(beyond), "at most")
		t.Setenv("WHITEBOX_SIMD", beyond.String())
		require.ErrorContains(t, simd.Check(), "at most; unset it")
	}
}
