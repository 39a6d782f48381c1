package simd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestPickCopiesPiecesAndZeros(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", picks[float32])
		t.Run("float64", picks[float64])
	})
}

func picks[T simd.Float](t *testing.T) {
	const rows, lds, ldd = 3, 40, 18
	src := make([]T, rows*lds)
	for i := range src {
		src[i] = T(i + 1)
	}
	for name, pieces := range map[string][]simd.Piece{
		"nothing":          nil,
		"all":              {{0xffff, 4}},
		"left of the edge": {{0xfffe, -1}},
		"two rows":         {{0x007f, 2}, {0xfe00, 20}},
		"every other":      {{1, 0}, {2, 1}, {4, 2}, {8, 3}, {0x8000, 9}},
		"the last":         {{0x8000, lds - 16}},
	} {
		got, want := make([]T, rows*ldd), make([]T, rows*ldd)
		for i := range rows {
			for j := range ldd {
				got[i*ldd+j] = -1
				if want[i*ldd+j] = -1; j >= simd.PickLanes {
					continue
				}
				want[i*ldd+j] = 0
				for _, p := range pieces {
					if p.Mask>>j&1 == 1 {
						want[i*ldd+j] = src[i*lds+int(p.Off)+j]
					}
				}
			}
		}
		simd.Pick(got, ldd, src, lds, rows, pieces)
		require.Equal(t, want, got, name)
	}
	for _, bad := range []simd.Piece{{1, -1}, {2, -2}, {0x8000, lds - 15}} {
		require.Panics(t, func() { simd.Pick(make([]T, rows*ldd), ldd, src, lds, rows, []simd.Piece{bad}) }, "%v", bad)
	}
}
