package denoise

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
)

// images are pictures of one size, a row each.
type images struct {
	pixels *mat.Dense
	h, w   int
}

const (
	trainingImages  = 1500  // whose patches are learned from, at most
	trainingPatches = 10000 // at most
)

// The streams of random numbers of a seed.
const (
	streamPatches uint64 = iota + 1
	streamNoise
	streamMeasurements
	streamSensed
)

// load returns clean test images, and the training images.
func load(ctx context.Context, cfg config) (clean, training *images, err error) {
	var train, test *data.Set
	if cfg.Data == "mnist" {
		train, test, err = data.MNIST{Dir: cfg.Dir, Download: cfg.Download}.Load(ctx)
		if errors.Is(err, data.ErrNotFound) {
			err = errors.WithMessage(err, "say where it lies with -dir, or fetch it with -download")
		}
	} else {
		train, test, err = data.Digits()
	}
	if err != nil {
		return nil, nil, err
	}
	shape := test.Shape()
	if h, w := shape[1], shape[2]; cfg.Patch > min(h, w) {
		return nil, nil, errors.Errorf("-patch %d is larger than the images, which have %d×%d pixels", cfg.Patch, h, w)
	}
	if clean, err = take(test, cfg.Images); err != nil {
		return nil, nil, err
	}
	training, err = take(train, trainingImages)
	return clean, training, err
}

// take returns the first n images of a set, or all.
func take(s *data.Set, n int) (*images, error) {
	n = min(n, s.Len())
	shape := s.Shape()
	var pixels []float64
	for i := range n {
		var err error
		if pixels, err = s.Row(pixels, i); err != nil {
			return nil, err
		}
	}
	return &images{mat.NewDense(n, len(pixels)/n, pixels), shape[1], shape[2]}, nil
}

// structured returns those of the patches that are not flat, without their means.
func structured(patches *mat.Dense) *mat.Dense {
	split(patches)
	rows, d := patches.Dims()
	var kept []float64
	for i := range rows {
		if p := patches.RawRowView(i); mat.Norm(mat.NewVecDense(d, p), 2) > 0.1 {
			kept = append(kept, p...)
		}
	}
	return mat.NewDense(len(kept)/d, d, kept)
}

// choose returns n of the patches, or all, in random order.
func choose(patches *mat.Dense, n int, seed, stream uint64) *mat.Dense {
	rows, d := patches.Dims()
	chosen := mat.NewDense(min(n, rows), d, nil)
	for to, from := range rand.New(rand.NewPCG(seed, stream)).Perm(rows)[:min(n, rows)] {
		chosen.SetRow(to, patches.RawRowView(from))
	}
	return chosen
}

// split takes their means from patches, and returns them.
func split(patches *mat.Dense) (means []float64) {
	rows, d := patches.Dims()
	means = make([]float64, rows)
	for i := range means {
		p := patches.RawRowView(i)
		means[i] = mat.Sum(mat.NewVecDense(d, p)) / float64(d)
		for j := range p {
			p[j] -= means[i]
		}
	}
	return means
}

// patches returns the patches of that side, so many pixels apart, a row each, image by
// image.
func (m *images) patches(side, stride int) *mat.Dense {
	n, _ := m.pixels.Dims()
	rows, cols := (m.h-side)/stride+1, (m.w-side)/stride+1
	out := mat.NewDense(n*rows*cols, side*side, nil)
	m.each(side, stride, func(at, image, top, left int) {
		for r := range side {
			lo := (top+r)*m.w + left
			copy(out.RawRowView(at)[r*side:(r+1)*side], m.pixels.RawRowView(image)[lo:lo+side])
		}
	})
	return out
}

// average returns the images whose pixels are the means of those of the patches
// over them, from 0 to 1. The patches, which cover the images, are those of patches.
func (m *images) average(patches *mat.Dense, side, stride int) *images {
	n, d := m.pixels.Dims()
	sum, count := mat.NewDense(n, d, nil), mat.NewDense(n, d, nil)
	m.each(side, stride, func(at, image, top, left int) {
		for r := range side {
			for c := range side {
				pixel := (top+r)*m.w + left + c
				sum.RawRowView(image)[pixel] += patches.At(at, r*side+c)
				count.RawRowView(image)[pixel]++
			}
		}
	})
	sum.Apply(func(i, j int, v float64) float64 { return min(max(v/count.At(i, j), 0), 1) }, sum)
	return &images{sum, m.h, m.w}
}

// each calls f with the number of every patch, its image and its corner.
func (m *images) each(side, stride int, f func(at, image, top, left int)) {
	n, _ := m.pixels.Dims()
	at := 0
	for image := range n {
		for top := 0; top+side <= m.h; top += stride {
			for left := 0; left+side <= m.w; left += stride {
				f(at, image, top, left)
				at++
			}
		}
	}
}

// noisy returns the images with Gaussian noise, which may leave [0, 1].
func (m *images) noisy(sigma float64, seed uint64) *images {
	rng := rand.New(rand.NewPCG(seed, streamNoise))
	var x mat.Dense
	x.Apply(func(_, _ int, v float64) float64 { return v + sigma*rng.NormFloat64() }, m.pixels)
	return &images{&x, m.h, m.w}
}

// cropped returns the middle of the images that blocks of that side tile.
func (m *images) cropped(side int) *images {
	n, _ := m.pixels.Dims()
	h, w := m.h/side*side, m.w/side*side
	top, left := (m.h-h)/2, (m.w-w)/2
	out := mat.NewDense(n, h*w, nil)
	for i := range n {
		for r := range h {
			lo := (top+r)*m.w + left
			copy(out.RawRowView(i)[r*w:(r+1)*w], m.pixels.RawRowView(i)[lo:lo+w])
		}
	}
	return &images{out, h, w}
}

// psnr returns the peak signal-to-noise ratio of estimates of m, in dB, over all
// pixels: −10 log₁₀ of the mean squared error, for pixels up to 1.
func (m *images) psnr(estimate *images) float64 {
	var e mat.Dense
	e.Sub(m.pixels, estimate.pixels)
	rows, cols := e.Dims()
	return -10 * math.Log10(math.Pow(mat.Norm(&e, 2), 2)/float64(rows*cols))
}
