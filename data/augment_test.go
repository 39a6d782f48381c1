package data_test

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// picture returns an image of c×h×w whose numbers are 1, 2, 3, ….
func picture(c, h, w int) []float64 {
	x := make([]float64, c*h*w)
	for i := range x {
		x[i] = float64(i + 1)
	}
	return x
}

// pictures returns n different images of c×h×w, of class i mod 3.
func pictures(t testing.TB, n, c, h, w int) *data.Set {
	rng := rand.New(rand.NewPCG(5, 5))
	x, labels := make([]byte, n*c*h*w), make([]int, n)
	for i := range x {
		x[i] = byte(rng.IntN(255) + 1)
	}
	for i := range labels {
		labels[i] = i % 3
	}
	s, err := data.New(x, 1.0/255, []int{c, h, w}, labels, 3)
	require.NoError(t, err)
	return s
}

// A crop is a window of the padded image, each window is as likely, and all
// channels move together.
func TestARandomCropIsAWindow(t *testing.T) {
	for _, c := range []struct {
		crop       data.RandomCrop
		rows, cols int // windows
		h, w       int
		name       string
	}{
		{data.RandomCrop{Padding: 1}, 3, 3, 3, 4, "translation"},
		{data.RandomCrop{Height: 2, Width: 3}, 2, 2, 2, 3, "no padding"},
		{data.RandomCrop{Padding: 5, Height: 3, Width: 4}, 11, 11, 3, 4, "out of sight"},
		{data.RandomCrop{Padding: 2, Height: 7, Width: 8}, 1, 1, 7, 8, "all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := []int{2, 3, 4}
			out, err := c.crop.Shape(in)
			require.NoError(t, err)
			require.Equal(t, []int{2, c.h, c.w}, out)
			src := picture(2, 3, 4)
			kept := slices.Clone(src)
			dst := make([]float64, 2*c.h*c.w)
			rng := rand.New(rand.NewPCG(1, 2))
			counts := make(map[[2]int]int)
			const n = 4000
			for range n {
				for i := range dst {
					dst[i] = math.NaN()
				}
				c.crop.Apply64(dst, src, in, rng)
				counts[place(t, dst, src, c.h, c.w, c.crop.Padding)]++
			}
			require.Equal(t, kept, src)
			if c.name == "out of sight" { // where places look the same
				return
			}
			require.Len(t, counts, c.rows*c.cols)
			p := 1 / float64(c.rows*c.cols)
			for at, k := range counts {
				require.InDelta(t, n*p, k, 5*math.Sqrt(n*p*(1-p))+1e-9, "window at %v", at)
			}
		})
	}
}

// place returns the place of the window dst, h×w, in the 2×3×4 image src.
func place(t *testing.T, dst, src []float64, h, w, padding int) [2]int {
	for top := -padding; top <= 3+padding-h; top++ {
		for left := -padding; left <= 4+padding-w; left++ {
			if window(dst, src, h, w, top, left) {
				return [2]int{top, left}
			}
		}
	}
	require.Fail(t, "no window", "%v", dst)
	return [2]int{}
}

func window(dst, src []float64, h, w, top, left int) bool {
	for i, v := range dst {
		c, y, x := i/(h*w), i/w%h+top, i%w+left
		want := 0.0
		if y >= 0 && y < 3 && x >= 0 && x < 4 {
			want = src[(c*3+y)*4+x]
		}
		if v != want {
			return false
		}
	}
	return true
}

func TestARandomFlipMirrorsItsShare(t *testing.T) {
	in, src := []int{1, 2, 3}, picture(1, 2, 3)
	mirrored := []float64{3, 2, 1, 6, 5, 4}
	for p, want := range map[float64]float64{0: 0.5, 0.2: 0.2, 1: 1} {
		rng := rand.New(rand.NewPCG(3, 4))
		flipped, dst := 0, make([]float64, 6)
		const n = 2000
		for range n {
			data.RandomHorizontalFlip{P: p}.Apply64(dst, src, in, rng)
			if dst[0] == 3 {
				require.Equal(t, mirrored, dst)
				flipped++
			} else {
				require.Equal(t, src, dst)
			}
		}
		require.InDelta(t, want*n, flipped, 5*math.Sqrt(n*want*(1-want)))
	}
}

func TestNormalizedSetsHaveMeanZeroAndDeviationOne(t *testing.T) {
	s := pictures(t, 40, 3, 4, 5)
	n, err := data.NormalizeOf(s)
	require.NoError(t, err)
	z, err := s.Normalized(n)
	require.NoError(t, err)
	z, err = z.Subset([]int{39, 1, 0})
	require.NoError(t, err)
	for k, i := range []int{39, 1, 0} {
		a, err := s.Row(nil, i)
		require.NoError(t, err)
		b, err := z.Row(nil, k)
		require.NoError(t, err)
		for j, v := range a {
			require.InDelta(t, (v-n.Mean[j/20])/n.Std[j/20], b[j], 1e-13)
		}
	}
	all, err := s.Normalized(n)
	require.NoError(t, err)
	again, err := data.NormalizeOf(all)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0, 0, 0}, again.Mean, 1e-13)
	assert.InDeltaSlice(t, []float64{1, 1, 1}, again.Std, 1e-13)

	// In a batch too, in both precisions.
	x := tensor.New(tensor.WithShape(2, 3, 4, 5), tensor.Of(tensor.Float32))
	require.NoError(t, z.Fill(x, 0, 2))
	row, err := z.Row(nil, 1)
	require.NoError(t, err)
	for j, v := range row {
		require.InDelta(t, v, x.Float32s()[60+j], 1e-6)
	}
	flat, err := data.New([]byte{7, 7}, 1, []int{1, 1, 1}, []int{0, 0}, 1)
	require.NoError(t, err)
	n, err = data.NormalizeOf(flat)
	require.NoError(t, err)
	require.Equal(t, 1.0, n.Std[len(n.Std)-1], "a constant channel")
}

// augmented returns shuffled batches of 8 of 40 images, cropped, flipped and
// normalised.
func augmented(t testing.TB, seed uint64, workers int) *data.Augmented {
	batches, err := data.NewBatches(pictures(t, 40, 3, 6, 5), data.BatchConfig{Size: 8, Shuffle: true, Seed: 3})
	require.NoError(t, err)
	a, err := data.NewAugmented(batches, data.AugmentConfig{Seed: seed, Workers: workers, Transforms: []data.Transform{
		data.RandomCrop{Padding: 2, Height: 5, Width: 4}, data.RandomHorizontalFlip{},
		data.CIFAR10Normalize()}})
	require.NoError(t, err)
	return a
}

// pull returns the numbers of n batches, ends of epochs skipped.
func pull(t testing.TB, s data.Source, dt tensor.Dtype, n int) (all []float64) {
	x, y := buffers(s, dt)
	for n > 0 {
		if err := s.Next(x, y); err != nil {
			continue
		}
		n--
		for _, v := range []*tensor.Dense{x, y} {
			if dt == tensor.Float64 {
				all = append(all, v.Float64s()...)
				continue
			}
			for _, f := range v.Float32s() {
				all = append(all, float64(f))
			}
		}
	}
	return all
}

func TestAugmentationIsAFunctionOfSeedAndPosition(t *testing.T) {
	a := augmented(t, 1, 1)
	require.Equal(t, []int{3, 5, 4}, a.SampleShape())
	want := pull(t, a, tensor.Float64, 12)
	per := len(want) / 12
	for _, workers := range []int{0, 2, 8} {
		require.Equal(t, want, pull(t, augmented(t, 1, workers), tensor.Float64, 12), "%d workers", workers)
	}
	require.NotEqual(t, want, pull(t, augmented(t, 2, 1), tensor.Float64, 12))
	require.InDeltaSlice(t, want, pull(t, augmented(t, 1, 1), tensor.Float32, 12), 1e-5, "float32 draws the same")

	for cut := range 12 {
		b := augmented(t, 1, 2)
		pull(t, b, tensor.Float64, 3)
		require.NoError(t, b.Seek(data.Position{Epoch: int64(cut / 5), Batch: int64(cut % 5)}))
		require.Equal(t, want[cut*per:], pull(t, b, tensor.Float64, 12-cut), "from batch %d", cut)
		ahead, err := data.NewPrefetch(augmented(t, 1, 2), tensor.Float64, 2)
		require.NoError(t, err)
		pull(t, ahead, tensor.Float64, 1)
		require.NoError(t, ahead.Seek(data.Position{Epoch: int64(cut / 5), Batch: int64(cut % 5)}))
		require.Equal(t, want[cut*per:], pull(t, ahead, tensor.Float64, 12-cut), "prefetched from batch %d", cut)
		require.NoError(t, ahead.Close())
	}
}

// One image again and again: what is drawn for a place in an epoch has nothing to
// do with what is drawn for the next, or in the next epoch.
func TestDrawsOfNeighboursAreIndependent(t *testing.T) {
	const n = 2000
	s, err := data.New(slices.Repeat([]byte{1, 2}, n), 1, []int{1, 1, 2}, make([]int, n), 1)
	require.NoError(t, err)
	batches, err := data.NewBatches(s, data.BatchConfig{Size: n / 2})
	require.NoError(t, err)
	a, err := data.NewAugmented(batches, data.AugmentConfig{Transforms: []data.Transform{data.RandomHorizontalFlip{}}})
	require.NoError(t, err)
	var flips [2][n]bool
	x, y := buffers(a, tensor.Float32)
	for e := range flips {
		require.NoError(t, a.Seek(data.Position{Epoch: int64(e)}))
		for b := range 2 {
			require.NoError(t, a.Next(x, y))
			for i := range n / 2 {
				flips[e][b*n/2+i] = x.Float32s()[2*i] == 2
			}
		}
	}
	next, epoch, batch := 0, 0, 0
	for i := range n - 1 {
		if flips[0][i] == flips[0][(i+n/2)%n] {
			batch++
		}
		if flips[0][i] == flips[0][i+1] {
			next++
		}
		if flips[0][i] == flips[1][i] {
			epoch++
		}
	}
	assert.InDelta(t, n/2, next, 5*math.Sqrt(n/4.0))
	assert.InDelta(t, n/2, epoch, 5*math.Sqrt(n/4.0))
	assert.InDelta(t, n/2, batch, 2*5*math.Sqrt(n/4.0), "pairs are counted twice")
}

// drawn replaces the numbers of a sample by draws.
type drawn struct{ data.RandomHorizontalFlip }

func (drawn) Apply64(dst, _ []float64, _ []int, rng *rand.Rand) {
	for i := range dst {
		dst[i] = rng.Float64()
	}
}

// TestNoTwoSamplesShareDraws walks through two epochs of several batches: of some
// thousand numbers of 53 bits none comes twice, however near the samples are.
func TestNoTwoSamplesShareDraws(t *testing.T) {
	s, err := data.New(make([]byte, 48), 1, []int{1, 1, 2}, make([]int, 24), 1)
	require.NoError(t, err)
	seen := map[float64]string{}
	for _, size := range []int{1, 4} { // the draws are of the place in the epoch, in whatever batches
		batches, err := data.NewBatches(s, data.BatchConfig{Size: size})
		require.NoError(t, err)
		a, err := data.NewAugmented(batches, data.AugmentConfig{Transforms: []data.Transform{drawn{}}})
		require.NoError(t, err)
		x, y := buffers(a, tensor.Float64)
		for e := range 2 {
			for b := range 24 / size {
				require.NoError(t, a.Next(x, y))
				for i, v := range x.Float64s() {
					at := fmt.Sprintf("epoch %d, number %d", e, 2*b*size+i)
					if was, ok := seen[v]; ok || size != 1 {
						require.Equal(t, was, at)
					}
					seen[v] = at
				}
			}
			require.ErrorIs(t, a.Next(x, y), io.EOF)
		}
	}
}

// turn moves the numbers of a sample by one place.
type turn struct{ data.RandomHorizontalFlip }

func (turn) Apply64(dst, src []float64, _ []int, _ *rand.Rand) {
	for i := range dst {
		dst[i] = src[(i+1)%len(src)]
	}
}

func TestTransformsAreAppliedInOrder(t *testing.T) {
	s, err := data.New(picture(1, 1, 6), 1, []int{1, 1, 6}, []int{0}, 1)
	require.NoError(t, err)
	batches, err := data.NewBatches(s, data.BatchConfig{Size: 1})
	require.NoError(t, err)
	flip := data.RandomHorizontalFlip{P: 1}
	for _, c := range []struct {
		want       []float64
		transforms []data.Transform
	}{
		{[]float64{2, 3, 4, 5, 6, 1}, []data.Transform{turn{}}},
		{[]float64{5, 6, 1, 2, 3, 4}, []data.Transform{turn{}, turn{}, turn{}, turn{}}},
		{[]float64{1, 6, 5, 4, 3, 2}, []data.Transform{turn{}, flip}},
		{[]float64{5, 4, 3, 2, 1, 6}, []data.Transform{flip, turn{}}},
	} {
		a, err := data.NewAugmented(batches, data.AugmentConfig{Transforms: c.transforms})
		require.NoError(t, err)
		require.NoError(t, a.Seek(data.Position{}))
		require.Equal(t, c.want, pull(t, a, tensor.Float64, 1)[:6])
	}
}

func TestAugmentingAllocatesNothing(t *testing.T) {
	for _, workers := range []int{1, 2} {
		a := augmented(t, 1, workers)
		x, y := buffers(a, tensor.Float32)
		require.NoError(t, a.Next(x, y))
		assert.Zero(t, testing.AllocsPerRun(100, func() { _ = a.Next(x, y) }), "%d workers", workers)
	}
}

func TestAugmentationRefusesWhatDoesNotFit(t *testing.T) {
	batches, err := data.NewBatches(pictures(t, 4, 3, 6, 5), data.BatchConfig{Size: 2})
	require.NoError(t, err)
	for name, transforms := range map[string][]data.Transform{
		"nothing":          nil,
		"a large crop":     {data.RandomCrop{Padding: 1, Height: 9}},
		"negative padding": {data.RandomCrop{Padding: -1}},
		"a probability":    {data.RandomHorizontalFlip{P: 1.5}},
		"channels":         {data.MNISTNormalize()},
		"no deviation":     {data.Normalize{Mean: []float64{0, 0, 0}, Std: []float64{1, 0, 1}}},
		"NaN":              {data.Normalize{Mean: []float64{0, math.NaN(), 0}, Std: []float64{1, 1, 1}}},
		"the second":       {data.RandomCrop{Height: 2, Width: 2}, data.RandomCrop{Height: 3}},
	} {
		_, err := data.NewAugmented(batches, data.AugmentConfig{Transforms: transforms})
		assert.ErrorIs(t, err, data.ErrInput, name)
	}
	_, err = data.NewAugmented(nil, data.AugmentConfig{Transforms: []data.Transform{data.RandomHorizontalFlip{}}})
	require.ErrorIs(t, err, data.ErrInput)
	vectors, err := data.NewBatches(numbered(t, 4, 2), data.BatchConfig{Size: 2})
	require.NoError(t, err)
	for _, tr := range []data.Transform{data.RandomHorizontalFlip{}, data.RandomCrop{}} {
		_, err = data.NewAugmented(vectors, data.AugmentConfig{Transforms: []data.Transform{tr}})
		require.ErrorContains(t, err, "want an image c×h×w")
	}
}

func BenchmarkAugment(b *testing.B) {
	s, err := data.New(make([]byte, 1000*3*32*32), 1.0/255, []int{3, 32, 32}, make([]int, 1000), 10)
	require.NoError(b, err)
	batches, err := data.NewBatches(s, data.BatchConfig{Size: 1000, Shuffle: true})
	require.NoError(b, err)
	a, err := data.NewAugmented(batches, data.AugmentConfig{Workers: 1,
		Transforms: []data.Transform{data.RandomCrop{Padding: 4}, data.RandomHorizontalFlip{},
			data.CIFAR10Normalize()}})
	require.NoError(b, err)
	x, y := buffers(a, tensor.Float32)
	b.SetBytes(int64(4 * len(x.Float32s())))
	for b.Loop() {
		_ = a.Next(x, y)
	}
}
