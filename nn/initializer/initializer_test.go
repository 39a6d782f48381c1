package initializer_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// drawn returns a parameter's values after init.
func drawn(t *testing.T, init nn.Initializer, dt tensor.Dtype, seed uint64, name string, shape ...int) []float64 {
	t.Helper()
	p, err := nn.NewParam(name, dt, shape...)
	require.NoError(t, err)
	require.NoError(t, init.Fill(p, nn.Rand(seed, name)))
	v, err := nn.Floats(nil, p.Value)
	require.NoError(t, err)
	return v
}

// TestInitialisersHaveTheirVariance compares the variance of 200×300 draws, or
// 20×30×2×5, with the formula; five standard deviations of it are below 4 %.
func TestInitialisersHaveTheirVariance(t *testing.T) {
	for name, c := range map[string]struct {
		init  nn.Initializer
		shape []int
		want  float64 // variance
		bound float64 // of the magnitude; 0 is none
	}{
		"glorot":             {initializer.Glorot{}, []int{200, 300}, 2. / 500, math.Sqrt(6. / 500)},
		"glorot gain normal": {initializer.Glorot{Gain: 3, Normal: true}, []int{200, 300}, 9 * 2. / 500, 0},
		"he":                 {initializer.He{}, []int{200, 300}, 2. / 300, math.Sqrt(6. / 300)},
		"he fan out normal":  {initializer.He{FanOut: true, Normal: true}, []int{200, 300}, 2. / 200, 0},
		"he convolution":     {initializer.He{Normal: true}, []int{200, 30, 2, 5}, 2. / 300, 0},
		"normal":             {initializer.Normal{Mean: 2, Std: 0.5}, []int{200, 300}, 0.25, 0},
		"uniform":            {initializer.Uniform{Lo: -1, Hi: 3}, []int{200, 300}, 16. / 12, 3},
		"torch weight":       {initializer.KaimingUniform{}, []int{200, 300}, 1. / 900, 1 / math.Sqrt(300)},
		"torch bias":         {initializer.BiasUniform{FanIn: 300}, []int{60000}, 1. / 900, 1 / math.Sqrt(300)},
	} {
		v := drawn(t, c.init, tensor.Float64, 1, "w", c.shape...)
		require.InEpsilon(t, c.want, stat.Variance(v, nil), 0.04, name)
		if c.bound > 0 {
			require.LessOrEqual(t, max(floats.Max(v), -floats.Min(v)), c.bound, name)
		}
	}
	require.InDelta(t, 2, stat.Mean(drawn(t, initializer.Normal{Mean: 2, Std: 0.5}, tensor.Float64, 1, "w", 200, 300),
		nil), 0.02)
	require.Equal(t, []float64{1, 1}, drawn(t, initializer.Ones{}, tensor.Float32, 1, "w", 2))
	require.Equal(t, []float64{0, 0}, drawn(t, initializer.Zeros{}, tensor.Float32, 1, "w", 2))
	require.Equal(t, []float64{0.5, 0.5}, drawn(t, initializer.Constant{Value: 0.5}, tensor.Float32, 1, "w", 2))
}

func TestOrthogonalIsOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{5, 5}, {3, 7}, {7, 3}, {4, 2, 3, 3}} {
		rows := shape[0]
		v := drawn(t, initializer.Orthogonal{Gain: 2}, tensor.Float64, 1, "w", shape...)
		cols := len(v) / rows
		at := func(i, k int) float64 { // the i-th of the vectors that are orthonormal
			if rows <= cols {
				return v[i*cols+k]
			}
			return v[k*cols+i]
		}
		for i := range min(rows, cols) {
			for j := range min(rows, cols) {
				dot, want := 0.0, 0.0
				for k := range max(rows, cols) {
					dot += at(i, k) * at(j, k)
				}
				if i == j {
					want = 4
				}
				require.InDelta(t, want, dot, 1e-13, "%v: vectors %d and %d", shape, i, j)
			}
		}
	}
}

// TestInitialValuesDependOnSeedAndNameOnly also checks that float32 values are
// those of float64, rounded.
func TestInitialValuesDependOnSeedAndNameOnly(t *testing.T) {
	for _, init := range []nn.Initializer{initializer.Glorot{}, initializer.He{Normal: true}, initializer.Orthogonal{},
		initializer.KaimingUniform{}} {
		v := drawn(t, init, tensor.Float64, 1, "w", 4, 3)
		require.Equal(t, v, drawn(t, init, tensor.Float64, 1, "w", 4, 3))
		require.NotEqual(t, v, drawn(t, init, tensor.Float64, 2, "w", 4, 3), "another seed")
		require.NotEqual(t, v, drawn(t, init, tensor.Float64, 1, "v", 4, 3), "another name")
		for i, x := range drawn(t, init, tensor.Float32, 1, "w", 4, 3) {
			require.Equal(t, float64(float32(v[i])), x)
		}
	}
}

func TestInitialisersRefuseWhatTheyCannotDraw(t *testing.T) {
	p, err := nn.NewParam("w", tensor.Float32, 3)
	require.NoError(t, err)
	for _, init := range []nn.Initializer{initializer.Normal{Std: -1}, initializer.Normal{Std: math.NaN()},
		initializer.Uniform{Lo: 1, Hi: 0}, initializer.Orthogonal{}, initializer.BiasUniform{}} {
		require.ErrorContains(t, init.Fill(p, nn.Rand(1, "w")), `"w"`, "%#v", init)
	}
}
