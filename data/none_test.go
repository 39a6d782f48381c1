package data_test

import (
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// TestSourcesThatNobodyMade has no batches, and says so: an end of the epoch would be
// waited for, for ever.
func TestSourcesThatNobodyMade(t *testing.T) {
	x := tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Float32))
	for _, s := range []data.Source{(*data.Batches)(nil), (*data.Balanced)(nil), (*data.Augmented)(nil),
		(*data.Prefetch)(nil), (*data.Reconstruct)(nil), (*data.SparseStream)(nil),
		&data.Batches{}, &data.Balanced{}, &data.Augmented{}, &data.Prefetch{}, &data.Reconstruct{},
		&data.SparseStream{}} {
		err := s.Next(x, x)
		require.ErrorIs(t, err, data.ErrInput, "%T", s)
		require.NotErrorIs(t, err, io.EOF)
		assert.Zero(t, s.BatchSize()+s.Batches()+len(s.SampleShape())+len(s.TargetShape()), "%T", s)
		assert.Zero(t, s.Position())
		assert.ErrorIs(t, s.Seek(data.Position{Batch: 1}), data.ErrInput, "%T", s)
		_, err = data.NewPrefetch(s, tensor.Float32, 1)
		require.ErrorIs(t, err, data.ErrInput)
		_, err = data.NewReconstruct(s)
		require.ErrorIs(t, err, data.ErrInput)
		_, err = data.NewAugmented(s, data.AugmentConfig{Transforms: []data.Transform{data.RandomHorizontalFlip{}}})
		require.ErrorIs(t, err, data.ErrInput)
	}
}

func TestASetThatNobodyMadeIsEmpty(t *testing.T) {
	for _, s := range []*data.Set{nil, {}} {
		assert.Zero(t, s.Len()+s.Classes()+len(s.Shape())+len(s.Labels())+len(s.TargetShape())+len(s.Counts()))
		for name, call := range map[string]func() error{
			"Row":     func() error { _, err := s.Row(nil, 0); return err },
			"Target":  func() error { _, err := s.Target(nil, 0); return err },
			"Fill":    func() error { return s.Fill(nil, 0, 1) },
			"Subset":  func() error { _, err := s.Subset([]int{0}); return err },
			"First":   func() error { _, err := s.FirstOfEach(1); return err },
			"Labels":  func() error { _, err := s.WithLabels(nil); return err },
			"Split":   func() error { _, _, err := s.Split(0.5, 1); return err },
			"Uniform": func() error { _, err := s.CorruptUniform(0.5, 1); return err },
			"Pairs":   func() error { _, err := s.CorruptPairs(0.5, 1); return err },
			"Polar":   func() error { _, err := s.Polar(1, 1); return err },
			"Shifted": func() error { _, err := s.Shifted(1); return err },
			"With":    func() error { _, err := s.Normalized(data.MNISTNormalize()); return err },
			"Of":      func() error { _, err := data.NormalizeOf(s); return err },
			"Batches": func() error { _, err := data.NewBatches(s, data.BatchConfig{Size: 1}); return err },
			"Equal":   func() error { _, err := data.NewBalanced(s, data.BatchConfig{Size: 1}); return err },
		} {
			assert.ErrorIs(t, call(), data.ErrInput, name)
		}
	}
}

// TestTransformsMarkWhatTheyCannotDo applies them to samples of another size.
func TestTransformsMarkWhatTheyCannotDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, tr := range []data.Transform{data.RandomCrop{Padding: 1}, data.RandomCrop{Height: 9},
		data.RandomHorizontalFlip{}, data.MNISTNormalize(), data.Normalize{}} {
		for _, c := range []struct {
			dst, src int
			in       []int
			rng      *rand.Rand
		}{{4, 5, []int{1, 2, 2}, rng}, {4, 0, nil, rng}, {5, 4, []int{1, 2, 2}, nil}, {0, 0, []int{-1, -2, 2}, rng},
			{4, 3, []int{1, 2, 2}, rng}} {
			dst32, dst64 := make([]float32, c.dst), make([]float64, c.dst)
			tr.Apply32(dst32, make([]float32, c.src), c.in, c.rng)
			tr.Apply64(dst64, make([]float64, c.src), c.in, c.rng)
			for i := range dst32 {
				assert.True(t, math.IsNaN(float64(dst32[i])) && math.IsNaN(dst64[i]), "%+v of %+v", tr, c)
			}
		}
	}
}
