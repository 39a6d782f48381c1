package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// NearestNeighbors finds the samples that are nearest to given ones, by computing all distances with blocks of matrix
// products. Neighbours and their order are, to the bit, those of distances computed from differences.
type NearestNeighbors struct {
	K       int // neighbours; 0 is 5
	Workers int // goroutines; 0 is all processors
}

// Neighborhood is a set of samples to search in.
type Neighborhood struct {
	cfg NearestNeighbors
	x   *mat.Dense
}

// Fit stores the samples, which must not change later. Errors: ErrInput for samples or a K that make no sense.
func (c NearestNeighbors) Fit(x *mat.Dense) (*Neighborhood, error) {
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "nearest neighbours")
	}
	n, _ := x.Dims()
	if c.K == 0 {
		c.K = min(5, n)
	}
	if c.K < 0 || c.K > n || c.Workers < 0 {
		return nil, errors.Wrapf(ErrInput,
			"nearest neighbours: %d of %d samples, %d workers; want at least 1 and no more than there are", c.K, n,
			c.Workers)
	}
	return &Neighborhood{cfg: c, x: x}, nil
}

// Kneighbors returns the K nearest samples of each row of z, m×d: their indices, m rows of K, the nearest first and
// the lower index first among equals, and their distances, m×K. A nil z stands for the samples themselves; then no
// sample is a neighbour of itself.
//
// Cost: 2·m·n·d flops in float32, and no memory for all distances. Errors: ErrInput for samples of another width, or
// not finite, and for K = n of nil.
func (s *Neighborhood) Kneighbors(z *mat.Dense) (at [][]int, far *mat.Dense, err error) {
	if s == nil || s.x == nil {
		return nil, nil, errors.Wrap(ErrInput, "nearest neighbours: no samples: make it by Fit")
	}
	n, d := s.x.Dims()
	others := z == nil
	if others {
		z = s.x
	} else if err := check(z); err != nil {
		return nil, nil, errors.WithMessage(err, "nearest neighbours")
	}
	m, width := z.Dims()
	if width != d || others && s.cfg.K == n {
		return nil, nil, errors.Wrapf(ErrInput,
			"nearest neighbours: %d others of %d samples, of %d features; want fewer than there are, of %d", s.cfg.K, n,
			width, d)
	}
	pool := par.New(s.cfg.Workers)
	defer pool.Close()
	found, squares := s.search(pool, z, others)
	at = make([][]int, m)
	flat := make([]int, m*s.cfg.K)
	for i := range at {
		at[i] = flat[i*s.cfg.K : (i+1)*s.cfg.K : (i+1)*s.cfg.K]
	}
	for i, j := range found {
		flat[i], squares[i] = int(j), math.Sqrt(squares[i])
	}
	return at, mat.NewDense(m, s.cfg.K, squares), nil
}

func (s *Neighborhood) search(pool *par.Pool, z *mat.Dense, others bool) (at []int32, squares []float64) {
	n, d := s.x.Dims()
	m, _ := z.Dims()
	x, q := s.x.RawMatrix(), z.RawMatrix()
	points := distance.NewPoints(pool, x.Data, n, d, x.Stride)
	at, squares = make([]int32, m*s.cfg.K), make([]float64, m*s.cfg.K)
	points.Neighbours(pool, q.Data, m, q.Stride, s.cfg.K, others, at, squares)
	return at, squares
}

// Graph returns the weights of the graph of neighbours,
//
//	W = ½(C + Cᵀ)
//
// where C_ij is 1 if x_j is one of the K samples nearest to x_i, x_i itself included, as in scikit-learn.
func (s *Neighborhood) Graph() (*Graph, error) {
	if s == nil || s.x == nil {
		return nil, errors.Wrap(ErrInput, "graph of neighbours: no samples: make it by Fit")
	}
	pool := par.New(s.cfg.Workers)
	defer pool.Close()
	at, _ := s.search(pool, s.x, false)
	n, _ := s.x.Dims()
	rows := make([]sparseRow, n)
	ones := make([]float64, s.cfg.K)
	for i := range ones {
		ones[i] = 1
	}
	for i := range rows {
		rows[i] = sparseRow{at[i*s.cfg.K : (i+1)*s.cfg.K], ones}
	}
	return &Graph{symmetrised(rows)}, nil
}
