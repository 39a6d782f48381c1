package data_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// TestTransformsOfShapesWithoutPixels: they refuse the shape, and what is applied all the
// same ends, and leaves NaN.
func TestTransformsOfShapesWithoutPixels(t *testing.T) {
	for _, tr := range []data.Transform{data.RandomHorizontalFlip{P: 1}, data.RandomCrop{Padding: 2, Height: 1,
		Width: 1}} {
		for _, in := range [][]int{{1, 2, 0}, {1, 0, 2}, {0, 2, 2}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1},
			{1 << 32, 1 << 32, 1}, {1 << 32, 1 << 32, 0}, {1, 1}, nil} {
			_, err := tr.Shape(in)
			require.ErrorIs(t, err, data.ErrInput, "%T of %v", tr, in)
			for _, n := range []int{0, 1, 2, 4} {
				dst, src := make([]float64, n), make([]float64, n)
				tr.Apply64(dst, src, in, rand.New(rand.NewPCG(1, 1)))
				narrow := make([]float32, n)
				tr.Apply32(narrow, make([]float32, n), in, rand.New(rand.NewPCG(1, 1)))
				for i, v := range dst {
					require.True(t, math.IsNaN(v) && narrow[i] != narrow[i], "%T of %v", tr, in)
				}
			}
		}
	}
}

// TestTransformsTakeTheLeastImage: one pixel of one channel, and rows and columns of it.
func TestTransformsTakeTheLeastImage(t *testing.T) {
	for _, tr := range []data.Transform{data.RandomHorizontalFlip{P: 1}, data.RandomCrop{}} {
		for _, in := range [][]int{{1, 1, 1}, {1, 1, 3}, {1, 3, 1}, {3, 1, 1}} {
			out, err := tr.Shape(in)
			require.NoError(t, err)
			require.Equal(t, in, out)
			src, dst := []float64{1, 2, 3}[:max(in[0], in[1], in[2])], make([]float64, 3)
			dst = dst[:len(src)]
			tr.Apply64(dst, src, in, rand.New(rand.NewPCG(1, 1)))
			want := append([]float64(nil), src...)
			if _, flips := tr.(data.RandomHorizontalFlip); flips && in[2] > 1 {
				want[0], want[2] = want[2], want[0]
			}
			require.Equal(t, want, dst, "%T of %v", tr, in)
		}
	}
}
