package nn

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOverflows compares the bound with what the conversion does, where it turns.
func TestOverflows(t *testing.T) {
	top := float64(math.MaxFloat32)
	edge := top + 0x1p103 // half a unit in the last place above: a tie, that rounds to infinity
	for _, x := range []float64{0, 1, top, math.Nextafter(edge, 0), edge, math.Nextafter(edge, 1e300), 1e39,
		math.MaxFloat64, math.Inf(1), math.NaN()} {
		for _, x := range []float64{x, -x} {
			require.Equal(t, math.IsInf(float64(float32(x)), 0) && !math.IsInf(x, 0), overflows(x), x)
		}
	}
}
