package sizes_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Against integers that do not overflow.
func TestProduct(t *testing.T) {
	some := []int{math.MinInt, -1, 0, 1, 2, 3, 1 << 15, 1<<15 + 1, 1 << 30, 1<<30 + 1, 1 << 31, 1 << 32, 1 << 62,
		math.MaxInt}
	for _, a := range some {
		for _, b := range some {
			for _, c := range some {
				want := big.NewInt(1)
				ok := true
				for _, s := range []int{a, b, c} {
					want.Mul(want, big.NewInt(int64(s)))
					ok = ok && s >= 0
				}
				ok = ok && want.Cmp(big.NewInt(sizes.Most)) <= 0
				n, got := sizes.Product(a, b, c)
				if (a == 0 || b == 0 || c == 0) && ok && !got {
					continue // a side is above Most although another is 0
				}
				assert.Equal(t, ok, got, "%d×%d×%d", a, b, c)
				if ok {
					assert.Equal(t, want.Int64(), int64(n), "%d×%d×%d", a, b, c)
				}
			}
		}
	}
}

func TestChecksNameTheNumbers(t *testing.T) {
	assert.NoError(t, sizes.Check("an array", 1<<15, 1<<15))
	assert.EqualError(t, sizes.Check("an array", 1<<32, 3), "an array of 4294967296×3, more than 1073741824 elements")
	assert.EqualError(t, sizes.Check("an array", 4, -3), "an array of -3, want 0 or more")
	assert.NoError(t, sizes.CheckClasses(10))
	assert.EqualError(t, sizes.CheckClasses(0), "0 classes, want at least 1")
	assert.EqualError(t, sizes.CheckClasses(math.MaxInt), "9223372036854775807 classes, want at most 1048576")
}
