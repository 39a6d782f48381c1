package data_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// The sample that an Indexer names is the one that Next puts there.
func TestSampleAtIsWhatNextPutsThere(t *testing.T) {
	x, labels := make([]float64, 23), make([]int, 23)
	for i := range x {
		x[i], labels[i] = float64(i), i*5%7%3
	}
	set, err := data.New(x, 1, []int{1}, labels, 3)
	require.NoError(t, err)
	made := func(s data.Source, err error) data.Source { require.NoError(t, err); return s }
	for name, s := range map[string]data.Source{
		"in order":  made(data.NewBatches(set, data.BatchConfig{Size: 5})),
		"shuffled":  made(data.NewBatches(set, data.BatchConfig{Size: 5, Shuffle: true, Seed: 3})),
		"kept last": made(data.NewBatches(set, data.BatchConfig{Size: 5, Shuffle: true, Last: data.FillLast})),
		"balanced":  made(data.NewBalanced(set, data.BatchConfig{Size: 5, Seed: 4})),
		"rebuilt":   made(data.NewReconstruct(made(data.NewBatches(set, data.BatchConfig{Size: 5, Shuffle: true})))),
		"prefetch": made(data.NewPrefetch(made(data.NewBatches(set, data.BatchConfig{Size: 5, Shuffle: true})),
			tensor.Float64, 2)),
	} {
		b := tensor.New(tensor.WithShape(5, 1), tensor.Of(tensor.Float64))
		y := tensor.New(tensor.WithShape(append([]int{5}, s.TargetShape()...)...), tensor.Of(tensor.Float64))
		for range 13 {
			at := s.Position()
			if err := s.Next(b, y); err == io.EOF {
				require.NoError(t, s.Next(b, y))
			}
			for row, v := range b.Float64s() {
				require.Equal(t, int(v), s.(data.Indexer).SampleAt(at, row), name)
			}
		}
		require.Equal(t, -1, s.(data.Indexer).SampleAt(data.Position{}, 5))
		require.Equal(t, -1, s.(data.Indexer).SampleAt(data.Position{}, -1))
	}
}
