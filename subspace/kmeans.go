package subspace

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// KMeans groups samples about k centres such that
//
//	Σ_i ‖x_i − c_{g(i)}‖²
//
// is small: Lloyd's iterations from centres that k-means++ draws, and the best result of several restarts.
//
// Groups and centres are, to the bit and for any number of Workers, those of Lloyd's iterations with distances
// computed from differences: matrix products find the nearest centres, and where rounding could change the result,
// differences decide. Defaults are those of scikit-learn except for three: NInit is 10, as it was there before
// version 1.4 and not 1, and Tol is 0 and not 1e-4, so that by default the result is a local optimum and depends less
// on the start; and k-means++ draws one candidate for each centre, as its authors have it, not the best of 2 + log k.
//
// Reference: Lloyd. Least squares quantization in PCM. IEEE TIT 28, 1982. Arthur,
// Vassilvitskii. k-means++: the advantages of careful seeding. SODA 2007.
type KMeans struct {
	Groups  int     // k
	NInit   int     // restarts; 0 is 10, or 1 with Start
	MaxIter int     // iterations, at most, of each restart; 0 is 300
	Tol     float64 // stop where Σ_j ‖Δc_j‖² ≤ Tol·(mean variance of the features); 0 is once nothing moves
	// Start is the first centres, k×d; nil draws them.
	Start   *mat.Dense
	Seed    uint64
	Workers int // goroutines; 0 is all processors
}

// Centres is what KMeans found.
type Centres struct {
	Labels  []int      // of the samples, numbered in the order of their first
	Centres *mat.Dense // k×d
	Inertia float64    // the sum of squares
	Iter    int        // iterations of the restart that is returned
}

// mostRestarts and mostIterations bound the settings: more would never end.
const (
	mostRestarts   = 1 << 16
	mostIterations = 1 << 30
)

// Fit groups the rows of x, n×d. Each group has a sample: a centre that loses all
// moves to the sample that is farthest from its own. Where Tol or MaxIter ends a restart, its centres are the means of
// the last groups, and a sample may be nearer to another of them.
//
// Cost: 2·n·k·d an iteration in float32, n·d in float64, and memory for n·d float32. Errors: ErrInput for samples or
// settings that make no sense, k above n among them.
func (c KMeans) Fit(x *mat.Dense) (*Centres, error) {
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "k-means")
	}
	if err := c.complete(x); err != nil {
		return nil, errors.WithMessage(err, "k-means")
	}
	n, d := x.Dims()
	pool := par.New(c.Workers)
	defer pool.Close()
	raw := x.RawMatrix()
	points := distance.NewPoints(pool, raw.Data, n, d, raw.Stride)
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	together := min(c.NInit, max(1, mostTogether/c.Groups))
	l := newLloyd(pool, points, c, together)
	if c.Tol > 0 {
		l.least = c.Tol * distance.Variance(pool, raw.Data, n, d, raw.Stride)
	}
	var best *Centres
	for done := 0; done < c.NInit; done += together {
		starts := l.starts[:min(together, c.NInit-done)]
		if c.Start != nil {
			starts[0].begin(c.Start)
		} else {
			l.plusPlus(rng, starts)
		}
		l.run(starts)
		for _, s := range starts {
			if best == nil || s.inertia < best.Inertia {
				best = s.found()
			}
		}
	}
	best.renumber()
	return best, nil
}

// mostTogether is the centres of restarts that run side by side, about.
const mostTogether = 128

// complete checks the settings and fills in defaults.
func (c *KMeans) complete(x *mat.Dense) error {
	n, d := x.Dims()
	if c.Groups < 1 || c.Groups > n || c.NInit < 0 || c.NInit > mostRestarts || c.MaxIter < 0 ||
		c.MaxIter > mostIterations {
		return errors.Wrapf(ErrInput, "%d groups of %d samples, %d restarts of %d iterations; want 1 "+
			"to n groups, 0 to 65536 restarts, and 0 to 2³⁰ iterations", c.Groups, n, c.NInit, c.MaxIter)
	}
	if !(c.Tol >= 0) || math.IsInf(c.Tol, 1) || c.Workers < 0 {
		return errors.Wrapf(ErrInput, "tolerance %v, %d workers, want both at least 0", c.Tol, c.Workers)
	}
	if c.Start != nil {
		if err := check(c.Start); err != nil {
			return errors.WithMessage(err, "start")
		}
		if k, m := c.Start.Dims(); k != c.Groups || m != d || c.NInit > 1 {
			return errors.Wrapf(ErrInput, "start: %d×%d centres and %d restarts, want %d×%d and at most 1", k, m,
				c.NInit, c.Groups, d)
		}
		c.NInit = 1
	}
	if c.NInit == 0 {
		c.NInit = 10
	}
	if c.MaxIter == 0 {
		c.MaxIter = 300
	}
	return nil
}

// renumber puts the groups in the order of their first sample, and those without one last.
func (c *Centres) renumber() {
	k, d := c.Centres.Dims()
	ordered, centres := inOrder(c.Labels), mat.NewDense(k, d, nil)
	next, taken := 0, make([]bool, k)
	for i, g := range c.Labels {
		centres.SetRow(ordered[i], c.Centres.RawRowView(g))
		next, taken[g] = max(next, ordered[i]+1), true
	}
	for g := range k {
		if !taken[g] {
			centres.SetRow(next, c.Centres.RawRowView(g))
			next++
		}
	}
	c.Labels, c.Centres = ordered, centres
}

// Predict returns the nearest centre of each row of x, n×d, the first among equals.
//
// Cost: 2·n·k·d in float32, on all processors. Errors: ErrInput for samples of another width, or not finite.
func (c *Centres) Predict(x *mat.Dense) ([]int, error) {
	if c == nil || c.Centres == nil || c.Centres.IsEmpty() {
		return nil, errors.Wrap(ErrInput, "k-means: predict: no centres: make them by Fit")
	}
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "k-means: predict")
	}
	if err := check(c.Centres); err != nil {
		return nil, errors.WithMessage(err, "k-means: predict: centres")
	}
	_, d := x.Dims()
	if _, want := c.Centres.Dims(); d != want {
		return nil, errors.Wrapf(ErrInput, "k-means: predict: samples of %d features, want %d", d, want)
	}
	pool := par.New(0)
	defer pool.Close()
	labels, _ := nearestCentres(pool, x, c.Centres)
	return labels, nil
}
