package data_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/data"
)

func TestASetRefusesWhatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		x       []float64
		scale   float64
		shape   []int
		labels  []int
		classes int
		says    string
	}{
		"no samples": {nil, 1, []int{2}, nil, 2, "no samples"},
		"too few numbers": {[]float64{1, 2, 3}, 1, []int{2}, []int{0, 1}, 2,
			"3 numbers for 2 samples of shape [2], want 4"},
		"size of zero":  {[]float64{}, 1, []int{0}, []int{0}, 2, "shape [0]"},
		"negative size": {[]float64{1}, 1, []int{-1, -1}, []int{0}, 2, "shape [-1 -1]"},
		"overflowing shape": {[]float64{1}, 1, []int{1 << 20, 1 << 20, 1 << 20, 1 << 20}, []int{0}, 2,
			"fewer than 2³¹"},
		"label too large": {[]float64{1, 2}, 1, []int{1}, []int{0, 2}, 2, "label 2 of sample 1, want it in 0, …, 1"},
		"negative label":  {[]float64{1, 2}, 1, []int{1}, []int{-1, 0}, 2, "label -1 of sample 0"},
		"no classes":      {[]float64{1}, 1, []int{1}, []int{0}, 0, "0 classes"},
		"NaN":             {[]float64{1, 2, 3, math.NaN()}, 1, []int{2}, []int{0, 1}, 2, "1 holds NaN at element 1"},
		"infinity":        {[]float64{math.Inf(-1)}, 1, []int{1}, []int{0}, 2, "0 holds -Inf at element 0"},
		"scale":           {[]float64{1}, math.NaN(), []int{1}, []int{0}, 2, "scale is NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := data.New(c.x, c.scale, c.shape, c.labels, c.classes)
			require.ErrorIs(t, err, data.ErrInput)
			assert.ErrorContains(t, err, c.says)
		})
	}
	_, err := data.NewPairs([]float64{1, 2}, []int{1}, []float64{1, 2, 3}, 2)
	assert.ErrorIs(t, err, data.ErrInput)
	_, err = data.NewPairs([]float64{1}, []int{1}, []float64{1, math.NaN()}, 2)
	assert.ErrorContains(t, err, "target 0 holds NaN at element 1")
}

func TestPixelsAreScaled(t *testing.T) {
	s, err := data.New([]byte{0, 51, 255, 1}, 1.0/255, []int{1, 1, 2}, []int{1, 0}, 2)
	require.NoError(t, err)
	row, err := s.Row(nil, 0)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0, 0.2}, row, 1e-15)
	x := tensor.New(tensor.WithShape(3, 1, 1, 2), tensor.Of(tensor.Float32))
	require.NoError(t, s.Fill(x, 0, 2))
	assert.Equal(t, []float32{0, 0.2, 1, float32(1.0 / 255), 1, float32(1.0 / 255)}, x.Float32s(),
		"the last sample fills the batch")
}

func TestFillRefusesWhatDoesNotFit(t *testing.T) {
	s := numbered(t, 5, 2)
	good := tensor.New(tensor.WithShape(2, 2), tensor.Of(tensor.Float64))
	for name, c := range map[string]struct {
		x     *tensor.Dense
		lo, n int
	}{
		"beyond the end": {good, 4, 2},
		"before":         {good, -1, 2},
		"nothing":        {good, 0, 0},
		"too many":       {good, 0, 3},
		"nil":            {nil, 0, 1},
		"other shape":    {tensor.New(tensor.WithShape(2, 3), tensor.Of(tensor.Float64)), 0, 1},
		"other rank":     {tensor.New(tensor.WithShape(2, 2, 1), tensor.Of(tensor.Float64)), 0, 1},
		"integers":       {tensor.New(tensor.WithShape(2, 2), tensor.Of(tensor.Int)), 0, 1},
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorIs(t, s.Fill(c.x, c.lo, c.n), data.ErrInput) })
	}
	_, err := s.Row(nil, 5)
	assert.ErrorIs(t, err, data.ErrInput)
}

func TestSplitTakesItsShareOfEachClass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 5).Draw(t, "classes")
		labels := rapid.SliceOfN(rapid.IntRange(0, k-1), 10, 200).Draw(t, "labels")
		share := rapid.Float64Range(0.2, 0.8).Draw(t, "share")
		x := make([]float64, len(labels))
		for i := range x {
			x[i] = float64(i)
		}
		s, err := data.New(x, 1, []int{1}, labels, k)
		require.NoError(t, err)
		taken := 0
		for _, n := range s.Counts() {
			taken += int(math.Round(share * float64(n)))
		}
		rest, part, err := s.Split(share, rapid.Uint64().Draw(t, "seed"))
		if taken == 0 || taken == len(labels) { // classes of two samples and a share of 0.8, for one
			require.ErrorIs(t, err, data.ErrInput)
			return
		}
		require.NoError(t, err)
		var seen []int
		for _, half := range []*data.Set{rest, part} {
			before := -1.0
			for i, y := range half.Labels() {
				v, err := half.Row(nil, i)
				require.NoError(t, err)
				require.Equal(t, labels[int(v[0])], y, "a sample keeps its label")
				require.Greater(t, v[0], before, "the order is kept")
				before = v[0]
				seen = append(seen, int(v[0]))
			}
		}
		slices.Sort(seen)
		for i, v := range seen {
			require.Equal(t, i, v, "each sample is in one part")
		}
		require.Len(t, seen, len(labels))
		for c, n := range s.Counts() {
			require.Equal(t, int(math.Round(share*float64(n))), part.Counts()[c])
		}
	})
}

func TestSplitIsAFunctionOfItsSeed(t *testing.T) {
	s := numbered(t, 100, 2)
	same := func(a, b uint64) bool {
		_, p, err := s.Split(0.3, a)
		require.NoError(t, err)
		_, q, err := s.Split(0.3, b)
		require.NoError(t, err)
		for i := range p.Len() {
			v, err := p.Row(nil, i)
			require.NoError(t, err)
			w, err := q.Row(nil, i)
			require.NoError(t, err)
			if v[0] != w[0] {
				return false
			}
		}
		return true
	}
	assert.True(t, same(1, 1))
	assert.False(t, same(1, 2))
	for _, share := range []float64{0, 1, -1, math.NaN()} {
		_, _, err := s.Split(share, 1)
		assert.ErrorIs(t, err, data.ErrInput)
	}
	for _, share := range []float64{0.001, 0.999} {
		_, _, err := s.Split(share, 1)
		assert.ErrorIs(t, err, data.ErrInput)
		assert.ErrorContains(t, err, "of 100 samples of 2 classes leaves", "an empty part")
	}
}

// TestSplitOfPairs divides samples without classes by their number alone.
func TestSplitOfPairs(t *testing.T) {
	x := make([]float64, 40)
	for i := range x {
		x[i] = float64(i)
	}
	s, err := data.NewPairs(x, []int{1}, x, 1)
	require.NoError(t, err)
	rest, part, err := s.Split(0.25, 7)
	require.NoError(t, err)
	assert.Equal(t, 30, rest.Len())
	assert.Equal(t, 10, part.Len())
	seen := map[float64]bool{}
	for _, half := range []*data.Set{rest, part} {
		last := -1.0
		for i := range half.Len() {
			v, err := half.Row(nil, i)
			require.NoError(t, err)
			y, err := half.Target(nil, i)
			require.NoError(t, err)
			assert.Equal(t, v, y)
			assert.Greater(t, v[0], last, "in the order of the set")
			last, seen[v[0]] = v[0], true
		}
	}
	assert.Len(t, seen, 40)
	_, _, err = s.Split(0.001, 7)
	assert.ErrorContains(t, err, "leaves 40 and 0")
}

func TestMissingLabelsAreCalledThat(t *testing.T) {
	for _, labels := range [][]int{nil, {}} {
		_, err := data.New([]float32{1, 2, 3, 4}, 1, []int{2}, labels, 2)
		require.ErrorIs(t, err, data.ErrInput)
		assert.ErrorContains(t, err, "there are 4 numbers, but no labels")
	}
	_, err := data.New([]float32{}, 1, []int{2}, nil, 2)
	assert.ErrorContains(t, err, "no samples")
	_, err = data.New([]float32{1, 2, 3, 4}, 1, []int{2}, []int{0, 5}, 3)
	assert.ErrorContains(t, err, "label 5 of sample 1, want it in 0, …, 2")
	_, err = data.New([]float32{1, 2, 3, float32(math.NaN())}, 1, []int{2}, []int{0, 1}, 3)
	assert.ErrorContains(t, err, "sample 1 holds NaN at element 1")
	_, err = data.New([]float32{1, 2}, 1, []int{2}, []int{0}, math.MaxInt)
	assert.ErrorContains(t, err, "classes, want at least 1 and at most")
}

func TestSubsetsOfSubsets(t *testing.T) {
	s := numbered(t, 10, 3)
	a, err := s.Subset([]int{9, 1, 1, 4})
	require.NoError(t, err)
	b, err := a.Subset([]int{3, 0})
	require.NoError(t, err)
	v, err := b.Row(nil, 0)
	require.NoError(t, err)
	v, err = b.Row(v, 1)
	require.NoError(t, err)
	assert.Equal(t, []float64{4, -4, 9, -9}, v)
	assert.Equal(t, []int{1, 0}, b.Labels())
	assert.Equal(t, []int{1, 1, 0}, b.Counts())
	for _, indices := range [][]int{nil, {10}, {-1}} {
		_, err := s.Subset(indices)
		assert.ErrorIs(t, err, data.ErrInput)
	}
}

func TestCorruptionReplacesItsShareOfLabels(t *testing.T) {
	s := numbered(t, 1000, 10)
	for _, ratio := range []float64{0, 0.3, 1} {
		pairs, err := s.CorruptPairs(ratio, 7)
		require.NoError(t, err)
		uniform, err := s.CorruptUniform(ratio, 7)
		require.NoError(t, err)
		wrong, changed := 0, 0
		for i, y := range s.Labels() {
			if p := pairs.Labels()[i]; p != y {
				wrong++
				require.Equal(t, (y+1)%10, p)
			}
			if uniform.Labels()[i] != y {
				changed++
			}
		}
		assert.Equal(t, int(ratio*1000), wrong)
		// A replaced label is wrong with probability 9/10: within 4σ of a binomial.
		n := ratio * 1000
		assert.InDelta(t, 0.9*n, changed, 4*math.Sqrt(n*0.09)+1e-9)
	}
	assert.Equal(t, 0, s.Labels()[0], "the set itself is as it was")
	for _, ratio := range []float64{-0.1, 1.1, math.NaN()} {
		_, err := s.CorruptUniform(ratio, 7)
		assert.ErrorIs(t, err, data.ErrInput)
	}
}

func TestMoreCorruptionIncludesLess(t *testing.T) {
	s := numbered(t, 200, 4)
	less, err := s.CorruptPairs(0.2, 3)
	require.NoError(t, err)
	more, err := s.CorruptPairs(0.5, 3)
	require.NoError(t, err)
	again, err := s.CorruptPairs(0.5, 3)
	require.NoError(t, err)
	other, err := s.CorruptPairs(0.5, 4)
	require.NoError(t, err)
	for i, y := range s.Labels() {
		if less.Labels()[i] != y {
			assert.NotEqual(t, y, more.Labels()[i])
		}
	}
	assert.Equal(t, more.Labels(), again.Labels())
	assert.NotEqual(t, more.Labels(), other.Labels())
}

func TestTargetReturnsAClassOrAVector(t *testing.T) {
	s, err := data.New([]float64{1, 2}, 1, []int{1}, []int{0, 3}, 4)
	require.NoError(t, err)
	y, err := s.Target([]float64{9}, 1)
	require.NoError(t, err)
	require.Equal(t, []float64{9, 3}, y)
	_, err = s.Target(nil, 2)
	require.ErrorIs(t, err, data.ErrInput)
	p, err := data.NewPairs([]float64{1, 2}, []int{1}, []float64{3, 4, 5, 6}, 2)
	require.NoError(t, err)
	y, err = p.Target(nil, 1)
	require.NoError(t, err)
	require.Equal(t, []float64{5, 6}, y)
}
