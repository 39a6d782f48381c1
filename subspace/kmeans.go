package subspace

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// KMeans groups samples about k centres such that
//
//	Σ_i ‖x_i − c_{g(i)}‖²
//
// is small: Lloyd's iterations from centres that k-means++ draws, the best of
// several restarts.
//
// Reference: Lloyd. Least squares quantization in PCM. IEEE TIT 28, 1982. Arthur,
// Vassilvitskii. k-means++: the advantages of careful seeding. SODA 2007.
type KMeans struct {
	Groups     int // k
	NInit      int // 0 is 10
	Iterations int // at most, of each restart; 0 is 300
	Seed       uint64
}

// Centres is what KMeans found.
type Centres struct {
	Labels  []int      // of the samples, numbered in the order of their first
	Centres *mat.Dense // k×d
	Inertia float64    // the sum of squares
}

// mostRestarts and mostIterations are more than anybody waits for.
const (
	mostRestarts   = 1 << 16
	mostIterations = 1 << 30
)

// Fit groups the rows of x, n×d. Each group has a sample: a centre that loses all
// moves to the sample that is farthest from its own.
//
// Cost: 2·n·k·d an iteration. Errors: ErrInput for samples or settings that make no
// sense, k above n among them.
func (c KMeans) Fit(x *mat.Dense) (*Centres, error) {
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "k-means")
	}
	n, _ := x.Dims()
	if c.Groups < 1 || c.Groups > n || c.NInit < 0 || c.NInit > mostRestarts || c.Iterations < 0 ||
		c.Iterations > mostIterations {
		return nil, errors.Wrapf(ErrInput, "k-means: %d groups of %d samples, %d restarts of %d iterations; want 1 "+
			"to n groups, 0 to 65536 restarts, and 0 to 2³⁰ iterations", c.Groups, n, c.NInit, c.Iterations)
	}
	if c.NInit == 0 {
		c.NInit = 10
	}
	if c.Iterations == 0 {
		c.Iterations = 300
	}
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	var best *Centres
	for range c.NInit {
		if found := lloyd(x, plusPlus(rng, x, c.Groups), c.Iterations); best == nil || found.Inertia < best.Inertia {
			best = found
		}
	}
	best.renumber()
	return best, nil
}

// plusPlus draws k centres among the samples, each with a probability in
// proportion to the squared distance to the nearest of those before.
func plusPlus(rng *rand.Rand, x *mat.Dense, k int) *mat.Dense {
	n, d := x.Dims()
	centres := mat.NewDense(k, d, nil)
	centres.SetRow(0, x.RawRowView(rng.IntN(n)))
	near := make([]float64, n)
	for i := range near {
		near[i] = math.Inf(1)
	}
	for j := 1; j < k; j++ {
		total := 0.0
		for i := range near {
			near[i] = min(near[i], distance2(x.RawRowView(i), centres.RawRowView(j-1)))
			total += near[i]
		}
		at, left := n-1, total*rng.Float64()
		for i, v := range near {
			if left -= v; left < 0 {
				at = i
				break
			}
		}
		centres.SetRow(j, x.RawRowView(at))
	}
	return centres
}

// lloyd alternates between nearest centres and means, until nothing moves.
func lloyd(x, centres *mat.Dense, iterations int) *Centres {
	n, _ := x.Dims()
	k, _ := centres.Dims()
	labels, far := make([]int, n), make([]float64, n)
	for i := range labels {
		labels[i] = -1
	}
	for range iterations {
		moved := false
		for i := range n {
			g := nearest(x.RawRowView(i), centres)
			far[i] = distance2(x.RawRowView(i), centres.RawRowView(g))
			moved = moved || g != labels[i]
			labels[i] = g
		}
		if !moved {
			break
		}
		counts := sizes(labels, k)
		for j, c := range counts {
			if c == 0 {
				i := farthest(far, labels, counts)
				counts[labels[i]]--
				labels[i], counts[j] = j, 1
			}
		}
		centres.Zero()
		for i, g := range labels {
			floats.AddScaled(centres.RawRowView(g), 1/float64(counts[g]), x.RawRowView(i))
		}
	}
	out := &Centres{Labels: labels, Centres: centres}
	for i, g := range labels {
		out.Inertia += distance2(x.RawRowView(i), centres.RawRowView(g))
	}
	return out
}

// farthest returns the sample that is farthest from its centre, of those that are
// not alone.
func farthest(far []float64, labels, counts []int) int {
	at := -1
	for i, v := range far {
		if counts[labels[i]] > 1 && (at < 0 || v > far[at]) {
			at = i
		}
	}
	return at
}

// renumber puts the groups in the order of their first sample.
func (c *Centres) renumber() {
	ordered := inOrder(c.Labels)
	centres := mat.DenseCopyOf(c.Centres)
	for i, g := range c.Labels {
		centres.SetRow(ordered[i], c.Centres.RawRowView(g))
	}
	c.Labels, c.Centres = ordered, centres
}

// nearest returns the row of centres that is nearest to v, the first among equals.
func nearest(v []float64, centres *mat.Dense) int {
	at, best := 0, math.Inf(1)
	k, _ := centres.Dims()
	for j := range k {
		if s := distance2(v, centres.RawRowView(j)); s < best {
			at, best = j, s
		}
	}
	return at
}

func distance2(a, b []float64) (sum float64) {
	for i, v := range a {
		v -= b[i]
		sum += v * v
	}
	return sum
}

func sizes(labels []int, k int) []int {
	counts := make([]int, k)
	for _, g := range labels {
		counts[g]++
	}
	return counts
}
