package data

import (
	"cmp"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// SubspacesConfig configures Subspaces. The zero value of a field is its default.
type SubspacesConfig struct {
	Classes  int     // k; 0 is 3
	Dim      int     // d, of the space; 0 is 30
	Rank     int     // p, of each subspace; 0 is 3
	PerClass int     // samples a class; 0 is 100
	Noise    float64 // σ of Gaussian noise in each of the d coordinates
	Apart    bool    // subspaces orthogonal to each other: k·p ≤ d
	Seed     uint64
}

// Subspaces returns a mixture of k random p-dimensional subspaces of ℝᵈ, class
// after class:
//
//	x = Uⱼ a + σ e,   a ~ N(0, I_p), e ~ N(0, I_d)
//
// Uⱼ has orthonormal columns, uniformly distributed. Errors: ErrInput for
// settings out of range.
func Subspaces(cfg SubspacesConfig) (*Set, error) {
	k, d, p, n := cmp.Or(cfg.Classes, 3), cmp.Or(cfg.Dim, 30), cmp.Or(cfg.Rank, 3), cmp.Or(cfg.PerClass, 100)
	if k < 1 || d < 1 || p < 1 || n < 1 || p > d || cfg.Apart && k > d/p || !amount(cfg.Noise) ||
		!fitsMemory(k, n, d) || !fitsMemory(d, p) {
		return nil, errors.Wrapf(ErrInput, "data: subspaces: %d of dimension %d in %d, apart %v, %d samples each, "+
			"noise %v; want at least 1 of each, dimensions that fit (all together if apart), at most %d numbers, "+
			"and a finite noise of at least 0", k, p, d, cfg.Apart, n, cfg.Noise, maxNumbers)
	}
	bases := rand.New(rand.NewPCG(cfg.Seed, streamBasis))
	rng := rand.New(rand.NewPCG(cfg.Seed, streamSamples))
	x, labels := make([]float64, 0, k*n*d), make([]int, 0, k*n)
	var u [][]float64
	for c := range k {
		if !cfg.Apart {
			u = u[:0]
		}
		for range p {
			u = append(u, orthonormal(bases, d, u))
		}
		for range n {
			row := make([]float64, d)
			for _, v := range u[len(u)-p:] {
				add(row, rng.NormFloat64(), v)
			}
			disturb(rng, row, cfg.Noise)
			x, labels = append(x, row...), append(labels, c)
		}
	}
	return New(x, 1, []int{d}, labels, k)
}

// orthonormal returns a random unit vector orthogonal to the orthonormal u, by
// Gram–Schmidt, twice for accuracy.
func orthonormal(rng *rand.Rand, d int, u [][]float64) []float64 {
	v := make([]float64, d)
	disturb(rng, v, 1)
	for range 2 {
		for _, w := range u {
			add(v, -dot(v, w), w)
		}
		norm := math.Sqrt(dot(v, v))
		for i := range v {
			v[i] /= norm
		}
	}
	return v
}

// GaussiansConfig configures Gaussians. The zero value of a field is its default.
type GaussiansConfig struct {
	Classes  int     // k; 0 is 3
	Dim      int     // d; 0 is 2
	PerClass int     // samples a class; 0 is 100
	Spread   float64 // standard deviation of the classes' centres; 0 is 3
	Sigma    float64 // standard deviation within a class; 0 is 1
	Seed     uint64
}

// Gaussians returns a mixture of k Gaussians in ℝᵈ, class after class:
//
//	x = μⱼ + σ e,   μⱼ ~ N(0, s²I), e ~ N(0, I)
//
// Errors: ErrInput for settings out of range.
func Gaussians(cfg GaussiansConfig) (*Set, error) {
	k, d, n := cmp.Or(cfg.Classes, 3), cmp.Or(cfg.Dim, 2), cmp.Or(cfg.PerClass, 100)
	spread, sigma := cmp.Or(cfg.Spread, 3), cmp.Or(cfg.Sigma, 1)
	if k < 1 || d < 1 || n < 1 || !amount(spread) || !amount(sigma) || !fitsMemory(k, n, d) {
		return nil, errors.Wrapf(ErrInput, "data: Gaussians: %d in dimension %d, %d samples each, spread %v, sigma "+
			"%v; want at least 1 of each, at most %d numbers, and finite spreads of at least 0", k, d, n, spread, sigma,
			maxNumbers)
	}
	centres := rand.New(rand.NewPCG(cfg.Seed, streamBasis))
	rng := rand.New(rand.NewPCG(cfg.Seed, streamSamples))
	x, labels := make([]float64, 0, k*n*d), make([]int, 0, k*n)
	for c := range k {
		mu := make([]float64, d)
		disturb(centres, mu, spread)
		for range n {
			row := append([]float64(nil), mu...)
			disturb(rng, row, sigma)
			x, labels = append(x, row...), append(labels, c)
		}
	}
	return New(x, 1, []int{d}, labels, k)
}

// deviation returns the standard deviation of the entries of x.
func deviation(x []float64) float64 {
	mean, square := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean)
	}
	return math.Sqrt(square / float64(len(x)))
}

// disturb adds Gaussian noise to x.
func disturb(rng *rand.Rand, x []float64, sigma float64) {
	for i := range x {
		x[i] += sigma * rng.NormFloat64()
	}
}

// add computes x ← x + a·y.
func add(x []float64, a float64, y []float64) {
	for i, v := range y {
		x[i] += a * v
	}
}

func dot(x, y []float64) (s float64) {
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// amount reports whether v is finite and at least 0.
func amount(v float64) bool { return v >= 0 && v <= math.MaxFloat64 }

// maxNumbers is how many numbers a set that is made here may have: 8 GiB of float64.
const maxNumbers = 1 << 30

// fitsMemory reports whether an array of these sizes, none of them negative, has at
// most maxNumbers numbers.
func fitsMemory(sizes ...int) bool {
	n := 1
	for _, s := range sizes {
		if s < 0 || s > 0 && n > maxNumbers/s {
			return false
		}
		n *= max(s, 1)
	}
	return true
}
