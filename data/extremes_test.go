package data_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// columns returns n samples of one feature.
func columns(t *testing.T, x []float64) *data.Set {
	t.Helper()
	s, err := data.New(x, 1, []int{1}, make([]int, len(x)), 1)
	require.NoError(t, err)
	return s
}

// repeated returns n times v.
func repeated(v float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// TestAConstantFeatureIsShiftedAlone: its deviation is 1, as scikit-learn has it, also
// where its numbers differ by rounding, and where 1/n of it is rounded.
func TestAConstantFeatureIsShiftedAlone(t *testing.T) {
	for _, c := range []float64{14.62, 100, 0.1, 1.0 / 3, -1e300, 1e-300, 0} {
		for _, n := range []int{1, 10, 1000} {
			norm, err := data.NormalizeOf(columns(t, repeated(c, n)))
			require.NoError(t, err)
			require.Equal(t, data.Normalize{Mean: []float64{c}, Std: []float64{1}}, norm, "%d times %v", n, c)
			if math.Abs(c) > 1e100 {
				continue
			}
			test, err := columns(t, []float64{c, c + 1}).Normalized(norm)
			require.NoError(t, err)
			row, err := test.Row(nil, 0)
			require.NoError(t, err)
			require.Equal(t, []float64{0}, row)
			row, err = test.Row(nil, 1)
			require.NoError(t, err)
			require.InDelta(t, 1, row[0], 1e-13)
		}
	}
	tenth := 0.1 // 0.1 + 0.2 is not 0.3
	norm, err := data.NormalizeOf(columns(t, []float64{0.3, tenth + 0.2, 0.3, tenth + 0.2}))
	require.NoError(t, err)
	require.Equal(t, 1.0, norm.Std[0])
	pixels := make([]uint8, 500*8)
	for i := range pixels {
		if pixels[i] = uint8(i * 7 % 251); i%8 >= 4 {
			pixels[i] = 77
		}
	}
	set, err := data.New(pixels, 1.0/255, []int{2, 2, 2}, make([]int, 500), 1)
	require.NoError(t, err)
	norm, err = data.NormalizeOf(set)
	require.NoError(t, err)
	require.Equal(t, 1.0, norm.Std[1])
	require.InDelta(t, 77.0/255, norm.Mean[1], 1e-16)
	require.Less(t, norm.Std[0], 0.5)
}

// TestNormalizeOfIsRightAtAnyOffsetAndScale knows mean and deviation of a + b·{−1, 1, −1, 1}.
func TestNormalizeOfIsRightAtAnyOffsetAndScale(t *testing.T) {
	for _, v := range [][2]float64{{1.7e9, 1}, {1e15, 2}, {0, 1e-200}, {1e-170, 1e-180}, {0, 1e200}, {-1e300, 1e290},
		{5, 1e-12}} {
		a, b := v[0], v[1]
		x := []float64{a - b, a + b, a - b, a + b}
		norm, err := data.NormalizeOf(columns(t, x))
		require.NoError(t, err)
		low, high := x[0], x[1]
		require.InEpsilon(t, high/2-low/2, norm.Std[0], 1e-14, "%v", v)
		require.InDelta(t, 0, (norm.Mean[0]-(low/2+high/2))/b, 1e-14+4e-16*math.Abs(a/b), "%v", v)
		for dt, tol := range map[tensor.Dtype]float64{tensor.Float32: 2e-7, tensor.Float64: 1e-14 +
			4e-16*math.Abs(a/b)} {
			set, err := columns(t, x).Normalized(norm)
			require.NoError(t, err)
			batch := tensor.New(tensor.WithShape(4, 1), tensor.Of(dt))
			require.NoError(t, set.Fill(batch, 0, 4))
			for i := range 4 {
				got, _ := batch.At(i, 0)
				require.InDelta(t, float64(2*(i%2)-1), number(got), tol+4e-16*math.Abs(a/b), "%v in %v", v, dt)
			}
		}
	}
	_, err := data.NormalizeOf(columns(t, []float64{-1.7e308, 1.7e308}))
	require.ErrorIs(t, err, data.ErrInput)
	require.ErrorContains(t, err, "channel 0 holds numbers up to 1.7e+308")
}

func number(v any) float64 {
	if f, ok := v.(float32); ok {
		return float64(f)
	}
	return v.(float64)
}

func TestNumbersAreCheckedAfterTheScale(t *testing.T) {
	_, err := data.New([]float64{1, 1e300}, 1e10, []int{1}, []int{0, 0}, 1)
	require.ErrorIs(t, err, data.ErrInput)
	require.ErrorContains(t, err,
		"sample 1 holds 1e+300 at element 0, and times the scale of 1e+10 that is beyond float64")
	set, err := data.New([]uint8{7, 9}, 0, []int{1}, []int{0, 0}, 1)
	require.NoError(t, err)
	row, err := set.Row(nil, 1)
	require.NoError(t, err)
	require.Equal(t, []float64{9}, row, "0 is the scale 1")
}

// TestNumbersBeyondFloat32 are an error of the batch, that names the sample as the set
// counts it; float64 takes them.
func TestNumbersBeyondFloat32(t *testing.T) {
	x := []float64{1, 2, 3, -1e39, 5, 6}
	set, err := data.New(x, 1, []int{2}, []int{0, 1, 0}, 2)
	require.NoError(t, err)
	pairs, err := data.NewPairs([]float64{1, 2, 3}, []int{1}, x, 2)
	require.NoError(t, err)
	for dt, fails := range map[tensor.Dtype]bool{tensor.Float32: true, tensor.Float64: false} {
		check := func(name, words string, err error) {
			t.Run(fmt.Sprint(dt, " ", name), func(t *testing.T) {
				if !fails {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, data.ErrInput)
				require.ErrorContains(t, err, words+" 1 holds -1e+39 at element 1, and float32 ends at 3.4e+38")
			})
		}
		batch := func(d int) *tensor.Dense { return tensor.New(tensor.WithShape(3, d), tensor.Of(dt)) }
		y := tensor.New(tensor.WithShape(3), tensor.Of(dt))
		check("fill", "sample", set.Fill(batch(2), 0, 3))
		b, err := data.NewBatches(set, data.BatchConfig{Size: 3, Shuffle: true, Seed: 4})
		require.NoError(t, err)
		check("batches", "sample", b.Next(batch(2), y))
		balanced, err := data.NewBalanced(set, data.BatchConfig{Size: 3})
		require.NoError(t, err)
		check("balanced", "sample", balanced.Next(batch(2), y))
		b, err = data.NewBatches(pairs, data.BatchConfig{Size: 3})
		require.NoError(t, err)
		check("targets", "target", b.Next(batch(1), batch(2)))
		norm, err := data.NormalizeOf(set)
		require.NoError(t, err)
		scaled, err := set.Normalized(norm)
		require.NoError(t, err)
		require.NoError(t, scaled.Fill(batch(2), 0, 3), "normalised they fit")
	}
	small, err := data.New(x[:3], 1, []int{1}, []int{0, 1, 0}, 2)
	require.NoError(t, err)
	require.NoError(t, small.Fill(tensor.New(tensor.WithShape(3, 1), tensor.Of(tensor.Float32)), 0, 3))
}

// TestNumbersBelowFloat32: a sample that would become 0 is an error of the batch.
func TestNumbersBelowFloat32(t *testing.T) {
	set, err := data.New([]float64{1, 1e-50, 0, 0, 1e-50, 2e-50}, 1, []int{2}, []int{0, 1, 0}, 2)
	require.NoError(t, err)
	for dt, fails := range map[tensor.Dtype]bool{tensor.Float32: true, tensor.Float64: false} {
		x := tensor.New(tensor.WithShape(2, 2), tensor.Of(dt))
		require.NoError(t, set.Fill(x, 0, 2), "a number that is small beside others, and a sample that is 0")
		err := set.Fill(x, 1, 2)
		if !fails {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, data.ErrInput)
		require.ErrorContains(t, err, "sample 2 holds numbers up to 2e-50, which are 0 in float32")
	}
}

// Images with numbers beyond float32 keep them on a polar grid.
func TestPolarKeepsNumbersBeyondFloat32(t *testing.T) {
	set, err := data.New(repeated(1e39, 25), 1, []int{1, 5, 5}, []int{0}, 1)
	require.NoError(t, err)
	polar, err := set.Polar(2, 4)
	require.NoError(t, err)
	row, err := polar.Row(nil, 0)
	require.NoError(t, err)
	require.InEpsilonSlice(t, repeated(1e39, len(row)), row, 1e-12)
}
