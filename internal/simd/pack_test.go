package simd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestCopyAndTransposeKeepEveryElement(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", copies[float32, float32])
		t.Run("float64", copies[float64, float64])
		t.Run("float32 to float64", copies[float64, float32])
		t.Run("float64 to float32", copies[float32, float64])
	})
}

func copies[T, S simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{0, 1, 3, 4, 7, 8, 9, 12, 15, 20} {
		for _, cols := range []int{0, 1, 3, 4, 5, 8, 13, 24, 31} {
			lds, ldc, ldt := cols+2, cols+1, rows+3
			src := make([]S, rows*lds)
			for i := range src {
				src[i] = S(r.NormFloat64())
			}
			c, ct := make([]T, rows*ldc), make([]T, cols*ldt)
			wantC, wantT := make([]T, rows*ldc), make([]T, cols*ldt)
			for i := range rows {
				for j := range cols {
					wantC[i*ldc+j] = T(src[i*lds+j])
					wantT[j*ldt+i] = T(src[i*lds+j])
				}
			}
			src = src[:max(0, len(src)-2)] // a slice may end with the last element
			simd.Copy(c, ldc, src, lds, rows, cols)
			require.Equal(t, wantC, c, "copy %d×%d", rows, cols)
			simd.Transpose(ct[:max(0, len(ct)-3)], ldt, src, lds, rows, cols)
			require.Equal(t, wantT, ct, "transpose %d×%d", rows, cols)
		}
	}
}

func TestPanelsAreCopiesOneBehindTheOther(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", panels[float32])
		t.Run("float64", panels[float64])
	})
}

func panels[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, width := range []int{4, 8, 12, 24, 48} {
		for _, rows := range []int{0, 1, 2, 5, 8} {
			for _, count := range []int{0, 1, 2, 6} {
				lds := width*count + 3
				src := make([]T, rows*lds)
				for i := range src {
					src[i] = T(r.NormFloat64())
				}
				got, want := make([]T, count*rows*width+1), make([]T, count*rows*width+1)
				for p := range count {
					simd.Copy(want[p*rows*width:], width, src[min(p*width, len(src)):], lds, rows, width)
				}
				simd.CopyPanels(got, width, src[:max(0, len(src)-3)], lds, rows, count)
				require.Equal(t, want, got, "%d panels of %d×%d", count, rows, width)
			}
		}
	}
}
