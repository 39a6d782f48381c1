package segment

import (
	"cmp"
	"context"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/subspace"
)

// A problem is samples to group, whose classes are known.
type problem struct {
	what    string // the samples, in words
	x       *mat.Dense
	labels  []int
	classes int
	eps2    []float64 // of the sweep
	affine  bool
	starts  []int      // numbers of centres of k-means to begin merging with; none: each sample alone
	start   []int      // the groups to begin with, once chosen
	begun   int        // how many they are: all samples, if they begin alone
	view    *mat.Dense // n×2, for the eye
	seen    string     // what its coordinates are
	images  *mat.Dense // of each sample, 8×8, nil if it is none
	extra   []method   // that suit these samples
}

// load makes or reads the samples.
func load(cfg config) (*problem, error) {
	switch cfg.Data {
	case "digits":
		return digits(cfg)
	case "subspaces":
		return subspaces(cfg)
	}
	return mixture(cfg)
}

// noise is the standard deviation of each coordinate of the synthetic samples.
const noise = 0.01

// mixture is samples of the plane of the first two axes of R³, and of two lines:
// the third axis and one between the first and it.
func mixture(cfg config) (*problem, error) {
	n := cmp.Or(cfg.Samples, 110)
	rng := rand.New(rand.NewPCG(cfg.Seed, 1))
	x, labels := mat.NewDense(n, 3, nil), make([]int, n)
	for i := range n {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		row := []float64{a, b, 0}
		switch {
		case i >= n*85/110:
			labels[i], row = 2, []float64{a, 0, a}
		case i >= n*60/110:
			labels[i], row = 1, []float64{0, 0, a}
		}
		for j := range row {
			row[j] += noise * rng.NormFloat64()
		}
		x.SetRow(i, row)
	}
	p := &problem{what: "a plane and two lines in ℝ³", x: x, labels: labels, classes: 3}
	p.extra = []method{{"GPCA", "told the number of groups",
		func(_ context.Context, p *problem, k int, _ uint64) ([]int, error) {
			found, err := subspace.GPCA{Groups: k, Noise: 2 * noise}.Fit(p.x)
			if err != nil {
				return nil, err
			}
			return found.Labels, nil
		}}}
	p.seen = "coordinate of an oblique view"
	p.view = new(mat.Dense)
	p.view.Mul(x, mat.NewDense(3, 2, []float64{0.9, -0.25, -0.4, -0.5, 0.1, 0.85}))
	return p, p.sweepFrom(noise/2, 2, 23)
}

// subspaces is samples of subspaces of dimensions 2, 3 and 5 in R¹², through the
// origin.
func subspaces(cfg config) (*problem, error) {
	const d = 12
	n := cmp.Or(cfg.Samples, 300)
	p := &problem{what: "subspaces of dimensions 2, 3 and 5 in ℝ¹²", x: mat.NewDense(n, d, nil), labels: make([]int, n),
		classes: 3}
	lo := 0
	for c, rank := range []int{2, 3, 5} {
		hi := n * (c + 1) / 3
		set, err := data.Subspaces(data.SubspacesConfig{Classes: 1, Dim: d, Rank: rank, PerClass: hi - lo, Noise: noise,
			Seed: cfg.Seed*10 + uint64(c)})
		if err != nil {
			return nil, err
		}
		for i := range hi - lo {
			row, err := set.Row(nil, i)
			if err != nil {
				return nil, err
			}
			p.x.SetRow(lo+i, row)
			p.labels[lo+i] = c
		}
		lo = hi
	}
	if err := p.look(); err != nil {
		return nil, err
	}
	return p, p.sweepFrom(noise, 2, 19)
}

// look finds the two coordinates along which the samples vary the most.
func (p *problem) look() error {
	components, err := subspace.PCA{Dim: 2}.Fit(p.x)
	if err != nil {
		return err
	}
	p.seen = "principal coordinate"
	p.view, err = components.Project(p.x)
	return err
}

// sweepFrom sets the ε² of the sweep, for ε from lo to hi.
func (p *problem) sweepFrom(lo, hi float64, count int) (err error) {
	p.eps2, err = coding.Logspace(lo*lo, hi*hi, count)
	return err
}
