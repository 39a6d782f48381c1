package simd_test

import (
	"os"
	"runtime"
	"strings"
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

// TestTheBestLevelIsTheProcessors runs on emulated processors in CI, which says by
// WHITEBOX_REQUIRE what each has.
func TestTheBestLevelIsTheProcessors(t *testing.T) {
	levels := simd.Levels()
	best := levels[len(levels)-1].String()
	for _, l := range []simd.Level{simd.Generic, simd.AVX2, simd.AVX512} {
		if os.Getenv("WHITEBOX_REQUIRE") == l.String() {
			require.Equal(t, l.String(), best)
		}
	}
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

func TestALevelThatIsNotTheBestSaysWhy(t *testing.T) {
	before := simd.Active()
	defer func() { require.NoError(t, simd.Use(before)) }()
	levels := simd.Levels()
	best := levels[len(levels)-1]
	t.Setenv("WHITEBOX_SIMD", "")
	require.NoError(t, simd.Use(best))
	switch {
	case best == simd.AVX512:
		require.Empty(t, simd.Why())
	case runtime.GOARCH != "amd64" || strings.HasPrefix(simd.Why(), "this build"): // by the tag purego
		require.Len(t, levels, 1)
		require.Equal(t, "this build for "+runtime.GOARCH+" has no kernels in assembly: those are for amd64, and the "+
			"build tag purego leaves them out", simd.Why())
	default:
		require.Regexp(t, `^this processor has no (avx|fma|bmi)\w*(, \w+)*, or the system hides it$`, simd.Why())
	}
	for _, l := range levels[:len(levels)-1] {
		require.NoError(t, simd.Use(l))
		t.Setenv("WHITEBOX_SIMD", "")
		require.Equal(t, "the program asks for it", simd.Why())
		t.Setenv("WHITEBOX_SIMD", l.String())
		require.Equal(t, "WHITEBOX_SIMD="+l.String()+" asks for it", simd.Why())
	}
	t.Setenv("WHITEBOX_SIMD", "fast")
	require.Contains(t, simd.Why(), `WHITEBOX_SIMD is "fast"`)
}
