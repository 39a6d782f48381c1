package data_test

import (
	stderrors "errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/data"
)

// kinds makes each kind of source over numbered samples.
var kinds = map[string]func(s *data.Set, cfg data.BatchConfig) (data.Source, error){
	"in order": func(s *data.Set, cfg data.BatchConfig) (data.Source, error) { return data.NewBatches(s, cfg) },
	"shuffled": func(s *data.Set, cfg data.BatchConfig) (data.Source, error) {
		cfg.Shuffle = true
		return data.NewBatches(s, cfg)
	},
	"balanced": func(s *data.Set, cfg data.BatchConfig) (data.Source, error) { return data.NewBalanced(s, cfg) },
	"prefetched": func(s *data.Set, cfg data.BatchConfig) (data.Source, error) {
		cfg.Shuffle = true
		b, err := data.NewBatches(s, cfg)
		if err != nil {
			return nil, err
		}
		return data.NewPrefetch(b, tensor.Float64, 2)
	},
	"augmented": func(s *data.Set, cfg data.BatchConfig) (data.Source, error) {
		cfg.Shuffle = true
		b, err := data.NewBatches(s, cfg)
		if err != nil {
			return nil, err
		}
		return data.NewAugmented(b, data.AugmentConfig{
			Transforms: []data.Transform{data.Normalize{Mean: []float64{1, 2}, Std: []float64{4, 4}}, back{}}})
	},
}

// back undoes the normalisation of numbered samples.
type back struct{ data.Normalize }

func (back) Shape(in []int) ([]int, error) { return in, nil }

func (back) Apply64(dst, src []float64, _ []int, _ *rand.Rand) {
	dst[0], dst[1] = 4*src[0]+1, 4*src[1]+2
}

func eachKind(t *testing.T, s *data.Set, cfg data.BatchConfig, f func(t *testing.T, fresh func() data.Source)) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) {
			f(t, func() data.Source {
				src, err := make(s, cfg)
				require.NoError(t, err)
				if c, ok := src.(io.Closer); ok {
					t.Cleanup(func() { require.NoError(t, c.Close()) })
				}
				return src
			})
		})
	}
}

func TestASourceResumesAtAnyPosition(t *testing.T) {
	eachKind(t, numbered(t, 23, 3), data.BatchConfig{Size: 4, Seed: 9, Last: data.FillLast},
		func(t *testing.T, fresh func() data.Source) {
			const n = 20
			whole := fresh()
			want := take(t, whole, n, 3)
			end := whole.Position()
			for cut := range n {
				a := fresh()
				assert.Equal(t, want[:cut], take(t, a, cut, 3))
				b := fresh()
				take(t, b, 5, 3) // Seek must forget this
				require.NoError(t, b.Seek(a.Position()))
				require.Equal(t, a.Position(), b.Position())
				assert.Equal(t, want[cut:], take(t, b, n-cut, 3))
				assert.Equal(t, end, b.Position())
			}
		})
}

func TestAnEpochHasEachSampleOnce(t *testing.T) {
	for _, name := range []string{"in order", "shuffled", "prefetched", "augmented"} {
		t.Run(name, func(t *testing.T) {
			src, err := kinds[name](numbered(t, 24, 3), data.BatchConfig{Size: 4})
			require.NoError(t, err)
			var epochs [2][]int
			for e := range epochs {
				all := take(t, src, 7, 3)
				assert.Equal(t, batch{-1}, all[6])
				epochs[e] = slices.Concat(all[0], all[1], all[2], all[3], all[4], all[5])
			}
			assert.Equal(t, name == "in order", slices.Equal(epochs[0], epochs[1]), "orders of two epochs are equal")
			assert.Equal(t, name == "in order", slices.IsSorted(epochs[0]))
			for _, e := range epochs {
				slices.Sort(e)
				for i, v := range e {
					require.Equal(t, i, v)
				}
			}
			if c, ok := src.(io.Closer); ok {
				require.NoError(t, c.Close())
			}
		})
	}
}

// TestEveryOrderIsAsFrequent counts the orders of three samples: each of the six has a
// sixth of the epochs, and none is left out.
func TestEveryOrderIsAsFrequent(t *testing.T) {
	const epochs = 6000
	src, err := data.NewBatches(numbered(t, 3, 1), data.BatchConfig{Size: 3, Shuffle: true, Seed: 5})
	require.NoError(t, err)
	counts := map[string]int{}
	x, y := buffers(src, tensor.Float64)
	for range epochs {
		require.NoError(t, src.Next(x, y))
		v := x.Float64s()
		counts[fmt.Sprint(v[0], v[2], v[4])]++
		require.ErrorIs(t, src.Next(x, y), io.EOF)
	}
	assert.Len(t, counts, 6)
	for order, n := range counts {
		assert.InDelta(t, epochs/6, n, 5*math.Sqrt(epochs*5/36.0), order) // five standard deviations
	}
}

func TestTheLastBatchIsDroppedOrFilledUp(t *testing.T) {
	s := numbered(t, 10, 1)
	drop, err := data.NewBatches(s, data.BatchConfig{Size: 4})
	require.NoError(t, err)
	assert.Equal(t, []batch{{0, 1, 2, 3}, {4, 5, 6, 7}, {-1}, {0, 1, 2, 3}}, take(t, drop, 4, 1))
	keep, err := data.NewBatches(s, data.BatchConfig{Size: 4, Last: data.FillLast})
	require.NoError(t, err)
	assert.Equal(t, []batch{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 0, 1}, {-1}, {0, 1, 2, 3}}, take(t, keep, 5, 1))
	large, err := data.NewBatches(s, data.BatchConfig{Size: 13, Last: data.FillLast})
	require.NoError(t, err)
	assert.Equal(t, []batch{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2}, {-1}}, take(t, large, 2, 1))
}

func TestBalancedBatchesHaveAsManyOfEachClass(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		k := rapid.IntRange(1, 6).Draw(r, "classes")
		extra := rapid.SliceOfN(rapid.IntRange(0, k-1), 0, 40).Draw(r, "labels")
		labels := append(make([]int, 0), extra...)
		for c := range k {
			labels = append(labels, c)
		}
		x := make([]float64, len(labels))
		for i := range x {
			x[i] = float64(i)
		}
		s, err := data.New(x, 1, []int{1}, labels, k)
		require.NoError(t, err)
		size := rapid.IntRange(1, len(labels)).Draw(r, "batch")
		src, err := data.NewBalanced(s, data.BatchConfig{Size: size, Seed: 1})
		require.NoError(t, err)
		bx, by := buffers(src, tensor.Float32)
		var times [][]int // how often a class had each of its samples
		for range k {
			times = append(times, make([]int, len(labels)))
		}
		for range src.Batches() {
			require.NoError(t, src.Next(bx, by))
			counts := make([]int, k)
			for i, y := range by.Float32s() {
				counts[int(y)]++
				times[int(y)][int(bx.Float32s()[i])]++
				require.Equal(t, labels[int(bx.Float32s()[i])], int(y))
			}
			for _, n := range counts {
				require.GreaterOrEqual(t, n, size/k)
				require.LessOrEqual(t, n, (size+k-1)/k)
			}
		}
		for c, count := range s.Counts() {
			lo, hi := len(labels)*size, 0
			for i, n := range times[c] {
				if labels[i] == c {
					lo, hi = min(lo, n), max(hi, n)
				}
			}
			require.LessOrEqual(t, hi-lo, 1, "class %d of %d samples uses them evenly", c, count)
		}
	})
}

func TestNextAllocatesNothing(t *testing.T) {
	for _, name := range []string{"in order", "shuffled", "balanced"} {
		src, err := kinds[name](numbered(t, 64, 4), data.BatchConfig{Size: 8})
		require.NoError(t, err)
		x, y := buffers(src, tensor.Float32)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			if err := src.Next(x, y); err != nil && err != io.EOF {
				t.Error(err)
			}
		}), name)
	}
}

func TestSourcesRefuseWhatDoesNotFit(t *testing.T) {
	s := numbered(t, 10, 2)
	for name, cfg := range map[string]data.BatchConfig{
		"no size": {}, "negative size": {Size: -1}, "too large": {Size: 11},
	} {
		_, err := data.NewBatches(s, cfg)
		assert.ErrorIs(t, err, data.ErrInput, name)
		_, err = data.NewBalanced(s, cfg)
		assert.ErrorIs(t, err, data.ErrInput, name)
	}
	_, err := data.NewBatches(nil, data.BatchConfig{Size: 1})
	assert.ErrorIs(t, err, data.ErrInput)
	lonely, err := data.New([]float64{1, 2}, 1, []int{1}, []int{0, 2}, 3)
	require.NoError(t, err)
	_, err = data.NewBalanced(lonely, data.BatchConfig{Size: 1})
	assert.ErrorContains(t, err, "class 1 of 3 has no sample")
	pairs, err := data.NewPairs([]float64{1, 2}, []int{1}, []float64{1, 2}, 1)
	require.NoError(t, err)
	_, err = data.NewBalanced(pairs, data.BatchConfig{Size: 1})
	assert.ErrorIs(t, err, data.ErrInput)

	eachKind(t, s, data.BatchConfig{Size: 5}, func(t *testing.T, fresh func() data.Source) {
		src := fresh()
		x, y := buffers(src, tensor.Float64)
		other := tensor.New(tensor.WithShape(4, 2), tensor.Of(tensor.Float64))
		assert.ErrorIs(t, src.Next(other, y), data.ErrInput)
		assert.ErrorIs(t, src.Next(x, x), data.ErrInput)
		assert.ErrorIs(t, src.Next(nil, y), data.ErrInput)
		for _, p := range []data.Position{{Epoch: -1}, {Batch: -1}, {Batch: 3}} {
			assert.ErrorIs(t, src.Seek(p), data.ErrInput)
		}
	})
}

func TestVectorTargetsComeWithTheirSamples(t *testing.T) {
	s, err := data.NewPairs([]float64{1, 2, 3}, []int{1}, []float64{10, 11, 20, 21, 30, 31}, 2)
	require.NoError(t, err)
	src, err := data.NewBatches(s, data.BatchConfig{Size: 3, Shuffle: true})
	require.NoError(t, err)
	assert.Equal(t, []int{2}, src.TargetShape())
	x, y := buffers(src, tensor.Float32)
	require.NoError(t, src.Next(x, y))
	for i, v := range x.Float32s() {
		assert.Equal(t, []float32{10 * v, 10*v + 1}, y.Float32s()[2*i:2*i+2])
	}
}

// broken fails at its second batch.
type broken struct{ data.Source }

var errBroken = stderrors.New("broken")

func (b broken) Next(x, y *tensor.Dense) error {
	if b.Position().Batch == 1 {
		return errBroken
	}
	return b.Source.Next(x, y)
}

func TestPrefetchPassesOnErrors(t *testing.T) {
	src, err := data.NewBatches(numbered(t, 10, 1), data.BatchConfig{Size: 2})
	require.NoError(t, err)
	p, err := data.NewPrefetch(broken{src}, tensor.Float64, 3)
	require.NoError(t, err)
	x, y := buffers(p, tensor.Float64)
	for range 2 {
		require.NoError(t, p.Next(x, y))
		require.ErrorIs(t, p.Next(x, y), errBroken)
		require.ErrorIs(t, p.Next(x, y), errBroken)
		require.NoError(t, p.Seek(data.Position{}))
	}
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	assert.ErrorContains(t, p.Next(x, y), "closed")
	assert.Zero(t, src.Position(), "the source is where the caller was")
	_, err = data.NewPrefetch(src, tensor.Int, 1)
	assert.ErrorIs(t, err, data.ErrInput)
}

// TestPrefetchEnds closes one, and lets another go without.
func TestPrefetchEnds(t *testing.T) {
	src, err := data.NewBatches(numbered(t, 10, 2), data.BatchConfig{Size: 2})
	require.NoError(t, err)
	p, err := data.NewPrefetch(src, tensor.Float64, 1)
	require.NoError(t, err)
	require.NoError(t, p.Close())
	require.NoError(t, p.Close(), "twice")
	x, y := buffers(p, tensor.Float64)
	require.ErrorIs(t, p.Next(x, y), data.ErrInput)
	require.ErrorIs(t, p.Seek(data.Position{}), data.ErrInput)
	assert.ErrorContains(t, p.Seek(data.Position{}), "closed source")
	require.Equal(t, []batch{{0, 1}}, take(t, src, 1, 2), "the source is the caller's again")

	before := runtime.NumGoroutine()
	for range 50 {
		src, err := data.NewBatches(numbered(t, 10, 2), data.BatchConfig{Size: 2})
		require.NoError(t, err)
		_, err = data.NewPrefetch(src, tensor.Float64, 1)
		require.NoError(t, err)
	}
	assert.Eventually(t, func() bool {
		runtime.GC()
		return runtime.NumGoroutine() < before+5
	}, 30*time.Second, 10*time.Millisecond, "nobody refers to them any more")
}
