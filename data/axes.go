package data

import (
	"cmp"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// AxesConfig configures Axes. The zero value of a field is its default.
type AxesConfig struct {
	Dim      int     // d, and the number of classes; 0 is 2
	PerClass int     // samples a class; 0 is 500
	Noise    float64 // σ; 0 is 0.1
	Seed     uint64
	Stream   uint64 // other samples of one seed: a test set
}

// Axes returns Gaussians about the ends of the d unit vectors, class after class:
//
//	x = eⱼ + σ e,   e ~ N(0, I)
//
// Put on the unit sphere, it is the data of the figures of the ReduNet paper for
// d = 2 and 3. Errors: ErrInput for settings out of range.
func Axes(cfg AxesConfig) (*Set, error) {
	d, n, sigma := cmp.Or(cfg.Dim, 2), cmp.Or(cfg.PerClass, 500), cmp.Or(cfg.Noise, 0.1)
	if d < 1 || n < 1 || !amount(sigma) || !fitsMemory(d, n, d) {
		return nil, errors.Wrapf(ErrInput, "data: axes: dimension %d, %d samples each, noise %v; want at least 1 "+
			"of each, at most %d numbers, and a finite noise of at least 0", d, n, sigma, maxNumbers)
	}
	rng := rand.New(rand.NewPCG(cfg.Seed, streamSamples+cfg.Stream<<16))
	x, labels := make([]float64, 0, d*n*d), make([]int, 0, d*n)
	for j := range d {
		for range n {
			row := make([]float64, d)
			row[j] = 1
			disturb(rng, row, sigma)
			x, labels = append(x, row...), append(labels, j)
		}
	}
	return New(x, 1, []int{d}, labels, d)
}
