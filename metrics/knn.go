package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// KNN configures the classifier by a majority among the K samples with the largest cosine similarity, or with
// Euclidean the least distance; among equals the lower index comes first. Of two classes with equally many votes, the
// one whose samples are nearer in total wins. Rows that are 0 have similarity 0 to everything.
type KNN struct {
	K         int  // neighbours, at most all samples; 0 is 5
	Euclidean bool // by ‖z − zᵢ‖, scikit-learn's default, rather than by cosines
	Workers   int  // goroutines; 0 is all processors
}

// Neighbours is a fitted KNN.
type Neighbours struct {
	cfg     KNN
	points  *distance.Points // of directions, with a last number that is 1 where the row is 0
	labels  []int
	classes int
	d       int
}

// Fit stores the samples. Errors: K out of range; with Euclidean, features that float64 does not hold the squares of.
func (c KNN) Fit(z *mat.Dense, labels []int, k int) (*Neighbours, error) {
	if err := check(z, labels, k); err != nil {
		return nil, errors.WithMessage(err, "kNN")
	}
	if c.K == 0 {
		c.K = 5
	}
	n, d := z.Dims()
	if c.K < 0 || c.K > n || c.Workers < 0 {
		return nil, errors.Wrapf(ErrInput,
			"kNN: %d neighbours of %d samples, %d workers; want at least 1 and no more than there are", c.K, n,
			c.Workers)
	}
	x, _, err := c.rows(z, 1)
	if err != nil {
		return nil, errors.WithMessage(err, "kNN")
	}
	pool := lin.PoolFor(c.Workers, float64(n)*float64(d))
	defer pool.Close()
	points := distance.NewPoints(pool, x, n, d+1, d+1)
	return &Neighbours{cfg: c, points: points, labels: slices.Clone(labels), classes: k, d: d}, nil
}

// rows returns rows whose distances order samples as the classifier does, and which rows are 0; these have last as
// their last number.
func (c KNN) rows(z *mat.Dense, last float64) (x []float64, zero []bool, err error) {
	n, d := z.Dims()
	if !c.Euclidean {
		z = normalized(z)
	} else if most := largest(z); most > 0x1p500 || most > 0 && most < 0x1p-500 {
		return nil, nil, errors.Wrapf(ErrInput,
			"the largest feature is %v, and float64 does not hold its square: scale the samples", most)
	}
	x, zero = make([]float64, n*(d+1)), make([]bool, n)
	for i := range n {
		row := x[i*(d+1) : (i+1)*(d+1)]
		copy(row, z.RawRowView(i))
		if zero[i] = !c.Euclidean && floats.Count(func(v float64) bool { return v != 0 }, row) == 0; zero[i] {
			row[d] = last
		}
	}
	return x, zero, nil
}

// Predict implements Classifier. Cost: 2·n·d operations a sample in float32, for n fitted, and no memory for all
// similarities.
func (c *Neighbours) Predict(z *mat.Dense) ([]int, error) {
	if c == nil || c.points == nil {
		return nil, errors.Wrap(ErrInput, "kNN: predict: no samples: make it by Fit")
	}
	if err := checkWidth(z, c.d); err != nil {
		return nil, errors.WithMessage(err, "kNN: predict")
	}
	x, zero, err := c.cfg.rows(z, 0)
	if err != nil {
		return nil, errors.WithMessage(err, "kNN: predict")
	}
	m, k := len(zero), c.cfg.K
	at, far := make([]int32, m*k), make([]float64, m*k)
	pool := lin.PoolFor(c.cfg.Workers, 2*float64(m)*float64(c.points.Len())*float64(c.d))
	defer pool.Close()
	c.points.Neighbours(pool, x, m, c.d+1, k, false, at, far)
	y := make([]int, m)
	votes, weight := make([]int, c.classes), make([]float64, c.classes)
	for i := range y {
		near, away := at[i*k:(i+1)*k], far[i*k:(i+1)*k]
		for e := range near {
			switch {
			case zero[i]:
				near[e], away[e] = int32(e), 1
			case c.cfg.Euclidean:
				away[e] = math.Sqrt(away[e])
			}
		}
		y[i] = c.vote(near, away, votes, weight)
	}
	return y, nil
}

// vote returns the class of neighbours at these distances, of unit vectors their squares, which are 2 − 2·cosine.
func (c *Neighbours) vote(near []int32, away []float64, votes []int, weight []float64) (best int) {
	clear(votes)
	clear(weight)
	for e, at := range near {
		votes[c.labels[at]]++
		weight[c.labels[at]] += away[e]
	}
	for j := range votes {
		if votes[j] > votes[best] || votes[j] == votes[best] && weight[j] < weight[best] {
			best = j
		}
	}
	return best
}

// normalized returns z with rows of unit length; rows of zeros stay.
func normalized(z *mat.Dense) *mat.Dense {
	n, _ := z.Dims()
	u := mat.DenseCopyOf(z)
	for i := range n {
		row := u.RawRowView(i)
		if norm := floats.Norm(row, 2); norm < 0x1p-1000 || norm > math.MaxFloat64 {
			simd.Unit(row, row) // a row of zeros stays
		} else {
			for j := range row {
				row[j] /= norm // not times 1/norm: it overflows for tiny norms
			}
		}
	}
	return u
}
