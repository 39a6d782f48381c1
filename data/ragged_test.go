package data_test

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/nn"
)

// counting returns n samples of two numbers, i and −i, in three classes.
func counting(t *testing.T, n int) *data.Set {
	x, labels := make([]float64, 2*n), make([]int, n)
	for i := range n {
		x[2*i], x[2*i+1], labels[i] = float64(i), -float64(i), i%3
	}
	s, err := data.New(x, 1, []int{2}, labels, 3)
	require.NoError(t, err)
	return s
}

// epochOf takes the batches of an epoch, and returns their sizes and the first numbers of the samples.
func epochOf(t *testing.T, s data.Source, dt tensor.Dtype) (sizes []int, first []float64) {
	for {
		n := data.BatchSizeAt(s, s.Position())
		x := tensor.New(tensor.WithShape(append([]int{n}, s.SampleShape()...)...), tensor.Of(dt))
		y := tensor.New(tensor.WithShape(append([]int{n}, s.TargetShape()...)...), tensor.Of(dt))
		err := s.Next(x, y)
		if err == io.EOF {
			return sizes, first
		}
		require.NoError(t, err)
		values, err := nn.Floats(nil, x)
		require.NoError(t, err)
		for i := range n {
			first = append(first, math.Abs(values[i*len(values)/n]))
		}
		sizes = append(sizes, n)
	}
}

// TestAShortLastBatchIsOfWhatIsLeft takes epochs of 10 samples in batches of 4, through every source.
func TestAShortLastBatchIsOfWhatIsLeft(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for name, wrap := range map[string]func(data.Source) (data.Source, error){
			"batches": func(s data.Source) (data.Source, error) { return s, nil },
			"augmented": func(s data.Source) (data.Source, error) {
				return data.NewAugmented(s, data.AugmentConfig{Transforms: []data.Transform{same{}}, Workers: 2})
			},
			"prefetch":    func(s data.Source) (data.Source, error) { return data.NewPrefetch(s, dt, 2) },
			"reconstruct": func(s data.Source) (data.Source, error) { return data.NewReconstruct(s) },
		} {
			set := counting(t, 10)
			plain, err := data.NewBatches(set, data.BatchConfig{Size: 4, Shuffle: true, Seed: 3, Last: data.ShortLast})
			require.NoError(t, err)
			s, err := wrap(plain)
			require.NoError(t, err)
			require.Equal(t, 3, s.Batches())
			require.Equal(t, 4, s.BatchSize())
			require.Equal(t, 2, s.(data.Ragged).LastBatchSize())
			sizes, first := epochOf(t, s, dt)
			require.Equal(t, []int{4, 4, 2}, sizes, name)
			require.NoError(t, s.Seek(data.Position{Epoch: 0, Batch: 2}))
			sizes, tail := epochOf(t, s, dt)
			require.Equal(t, []int{2}, sizes, name)
			require.Equal(t, first[8:], tail, name)
			for row := range 2 {
				at := s.(data.Indexer).SampleAt(data.Position{Batch: 2}, row)
				require.Equal(t, first[8+row], float64(at), name)
			}
			require.Equal(t, -1, s.(data.Indexer).SampleAt(data.Position{Batch: 2}, 2))
			slices.Sort(first)
			require.Equal(t, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, first, name)
			if p, ok := s.(*data.Prefetch); ok {
				require.NoError(t, p.Close())
			}
		}
	}
	balanced, err := data.NewBalanced(counting(t, 10), data.BatchConfig{Size: 4, Last: data.ShortLast})
	require.NoError(t, err)
	sizes, _ := epochOf(t, balanced, tensor.Float32)
	require.Equal(t, []int{4, 4, 2}, sizes)
	few, err := data.NewBatches(counting(t, 3), data.BatchConfig{Size: 4, Last: data.ShortLast})
	require.NoError(t, err)
	sizes, _ = epochOf(t, few, tensor.Float32)
	require.Equal(t, []int{3}, sizes, "a set that is smaller than a batch")
	whole, err := data.NewBatches(counting(t, 8), data.BatchConfig{Size: 4, Last: data.ShortLast})
	require.NoError(t, err)
	require.Equal(t, 4, whole.LastBatchSize())
	dropped, err := data.NewBatches(counting(t, 10), data.BatchConfig{Size: 4})
	require.NoError(t, err)
	require.Equal(t, 4, dropped.LastBatchSize(), "today's default")
	require.Equal(t, 2, dropped.Batches())
	require.Equal(t, "short", data.ShortLast.String())
	require.Equal(t, "short", few.Config().Last)
}

// A batch of another size than the one that is next is refused, and nothing moves.
func TestABatchOfTheWrongSizeIsRefused(t *testing.T) {
	s, err := data.NewBatches(counting(t, 10), data.BatchConfig{Size: 4, Last: data.ShortLast})
	require.NoError(t, err)
	require.NoError(t, s.Seek(data.Position{Batch: 2}))
	x := tensor.New(tensor.WithShape(4, 2), tensor.Of(tensor.Float64))
	y := tensor.New(tensor.WithShape(4), tensor.Of(tensor.Float64))
	err = s.Next(x, y)
	require.ErrorIs(t, err, data.ErrInput)
	require.ErrorContains(t, err, "4 samples of float64 and 4 targets of float64, want 2")
	require.Equal(t, data.Position{Batch: 2}, s.Position())
	_, err = data.NewBatches(counting(t, 10), data.BatchConfig{Size: 4, Last: 3})
	require.ErrorContains(t, err, "Last is LastBatch(3), want DropLast, FillLast or ShortLast")
}

// same is the transform that changes nothing.
type same struct{}

func (same) Shape(in []int) ([]int, error) { return in, nil }

func (same) Apply32(dst, src []float32, _ []int, _ *rand.Rand) { copy(dst, src) }

func (same) Apply64(dst, src []float64, _ []int, _ *rand.Rand) { copy(dst, src) }

// TestWeightsAreTheLastColumnOfTheTargets takes batches of weighted sets, whole, split and
// through every source.
func TestWeightsAreTheLastColumnOfTheTargets(t *testing.T) {
	weights := []float64{0.5, 0, 1, 2, 3, 4}
	classes, err := counting(t, 6).WithWeights(weights)
	require.NoError(t, err)
	pairs, err := data.NewPairs([]float64{0, 1, 2, 3, 4, 5}, []int{1},
		[]float64{0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15}, 2)
	require.NoError(t, err)
	pairs, err = pairs.WithWeights(weights)
	require.NoError(t, err)
	require.Equal(t, weights, pairs.Weights())
	require.Equal(t, []int{2}, pairs.TargetShape(), "a target has no weight in it")
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for set, want := range map[*data.Set][]float64{
			classes: {0, 0.5, 1, 0, 2, 1, 0, 2, 1, 3, 2, 4},
			pairs:   {0, 10, 0.5, 1, 11, 0, 2, 12, 1, 3, 13, 2, 4, 14, 3, 5, 15, 4},
		} {
			half, err := set.Subset([]int{5, 4, 3, 2, 1, 0})
			require.NoError(t, err)
			half, err = half.Subset([]int{5, 4, 3, 2, 1, 0})
			require.NoError(t, err)
			for _, s := range []*data.Set{set, half} {
				b, err := data.NewBatches(s, data.BatchConfig{Size: 6})
				require.NoError(t, err)
				a, err := data.NewAugmented(b, data.AugmentConfig{Transforms: []data.Transform{same{}}})
				require.NoError(t, err)
				p, err := data.NewPrefetch(a, dt, 1)
				require.NoError(t, err)
				require.True(t, data.HasWeights(p))
				x := tensor.New(tensor.WithShape(append([]int{6}, s.Shape()...)...), tensor.Of(dt))
				y := tensor.New(tensor.WithShape(append([]int{6}, p.TargetShape()...)...), tensor.Of(dt))
				require.NoError(t, p.Next(x, y))
				values, err := nn.Floats(nil, y)
				require.NoError(t, err)
				require.Equal(t, want, values)
				require.NoError(t, p.Close())
				_, err = data.NewReconstruct(b)
				require.ErrorContains(t, err, "weights, which would be lost")
			}
		}
	}
	plain, err := classes.WithWeights(nil)
	require.NoError(t, err)
	require.Nil(t, plain.Weights())
	require.Equal(t, counting(t, 6).Checksum(), plain.Checksum())
	require.NotEqual(t, classes.Checksum(), plain.Checksum())
}

func TestWeightsThatAreNone(t *testing.T) {
	s := counting(t, 3)
	for want, w := range map[string][]float64{
		"2 weights for 3 samples":             {1, 2},
		"the weight of sample 1 is -1":        {1, -1, 1},
		"the weight of sample 2 is NaN":       {1, 1, math.NaN()},
		"the weight of sample 0 is +Inf":      {math.Inf(1), 1, 1},
		"no weight is above 0":                {0, 0, 0},
		"0 weights for 3 samples":             {},
		fmt.Sprintf("%d weights for 3", 1<<3): make([]float64, 8),
	} {
		_, err := s.WithWeights(w)
		require.ErrorIs(t, err, data.ErrInput)
		require.ErrorContains(t, err, want)
	}
	tiny, err := s.WithWeights([]float64{1, 1e-300, 1})
	require.NoError(t, err)
	b, err := data.NewBatches(tiny, data.BatchConfig{Size: 3})
	require.NoError(t, err)
	x := tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float32))
	y := tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float32))
	require.ErrorContains(t, b.Next(x, y), "the weight of sample 1 is 0 in float32")
}

// TestTheFirstBatchesAreTheSameInEveryEpoch takes two of a shuffled source again and again, and from its middle.
func TestTheFirstBatchesAreTheSameInEveryEpoch(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		of := func() *data.Batches {
			b, err := data.NewBatches(counting(t, 10),
				data.BatchConfig{Size: 4, Shuffle: true, Seed: 3, Last: data.ShortLast})
			require.NoError(t, err)
			return b
		}
		_, all := epochOf(t, of(), dt)
		f, err := data.NewFirstBatches(of(), 2)
		require.NoError(t, err)
		require.Equal(t, 2, f.Batches())
		for range 3 {
			sizes, first := epochOf(t, f, dt)
			require.Equal(t, []int{4, 4}, sizes)
			require.Equal(t, all[:8], first)
		}
		require.Equal(t, int64(3), f.Position().Epoch)
		require.NoError(t, f.Seek(data.Position{Epoch: 7, Batch: 1}))
		_, tail := epochOf(t, f, dt)
		require.Equal(t, all[4:8], tail)
		require.Equal(t, int(all[5]), f.SampleAt(data.Position{Epoch: 9, Batch: 1}, 1))
		require.Error(t, f.Seek(data.Position{Batch: 3}))
		whole, err := data.NewFirstBatches(of(), 9)
		require.NoError(t, err)
		sizes, every := epochOf(t, whole, dt)
		require.Equal(t, []int{4, 4, 2}, sizes, "all there are, at their sizes")
		require.Equal(t, all, every)
	}
	_, err := data.NewFirstBatches(nil, 2)
	require.ErrorIs(t, err, data.ErrInput)
	b, err := data.NewBatches(counting(t, 10), data.BatchConfig{Size: 4})
	require.NoError(t, err)
	_, err = data.NewFirstBatches(b, 0)
	require.ErrorContains(t, err, "0 batches, want a source and at least 1")
}
