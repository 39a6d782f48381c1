package main

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

// load returns clean test images and the patches to learn from, without their
// means.
func load(ctx context.Context, cfg config) (clean *images, training *mat.Dense, err error) {
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
	from, err := take(train, trainingImages)
	if err != nil {
		return nil, nil, err
	}
	training = choose(from.patches(cfg.Patch), cfg.Seed)
	return clean, training, nil
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

// choose returns some of the patches that are not flat, without their means.
func choose(patches *mat.Dense, seed uint64) *mat.Dense {
	split(patches)
	rows, d := patches.Dims()
	var chosen []float64
	for _, i := range rand.New(rand.NewPCG(seed, 1)).Perm(rows) {
		if p := patches.RawRowView(i); mat.Norm(mat.NewVecDense(d, p), 2) > 0.1 && len(chosen) < trainingPatches*d {
			chosen = append(chosen, p...)
		}
	}
	return mat.NewDense(len(chosen)/d, d, chosen)
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

// patches returns all patches of that side, a row each, image by image.
func (m *images) patches(side int) *mat.Dense {
	n, _ := m.pixels.Dims()
	rows, cols := m.h-side+1, m.w-side+1
	out := mat.NewDense(n*rows*cols, side*side, nil)
	m.each(side, func(at, image, top, left int) {
		for r := range side {
			lo := (top+r)*m.w + left
			copy(out.RawRowView(at)[r*side:(r+1)*side], m.pixels.RawRowView(image)[lo:lo+side])
		}
	})
	return out
}

// average returns the images whose pixels are the means of those of the patches
// over them, from 0 to 1.
func (m *images) average(patches *mat.Dense, side int) *images {
	n, d := m.pixels.Dims()
	sum, count := mat.NewDense(n, d, nil), mat.NewDense(n, d, nil)
	m.each(side, func(at, image, top, left int) {
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
func (m *images) each(side int, f func(at, image, top, left int)) {
	n, _ := m.pixels.Dims()
	at := 0
	for image := range n {
		for top := range m.h - side + 1 {
			for left := range m.w - side + 1 {
				f(at, image, top, left)
				at++
			}
		}
	}
}

// noisy returns the images with Gaussian noise, which may leave [0, 1].
func (m *images) noisy(sigma float64, seed uint64) *images {
	rng := rand.New(rand.NewPCG(seed, 2))
	var x mat.Dense
	x.Apply(func(_, _ int, v float64) float64 { return v + sigma*rng.NormFloat64() }, m.pixels)
	return &images{&x, m.h, m.w}
}

// psnr returns the peak signal-to-noise ratio of estimates of m, in dB, over all
// pixels: −10 log₁₀ of the mean squared error, for pixels up to 1.
func (m *images) psnr(estimate *images) float64 {
	var e mat.Dense
	e.Sub(m.pixels, estimate.pixels)
	rows, cols := e.Dims()
	return -10 * math.Log10(math.Pow(mat.Norm(&e, 2), 2)/float64(rows*cols))
}
