package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// polynomials of one degree, that vanish on samples.
type polynomials struct {
	m monomials
	c *mat.Dense // coefficients, a polynomial a column
}

func (p *polynomials) count() int { return p.c.RawMatrix().Cols }

// vanishing returns the polynomials that vanish on the rows of x.
func (g GPCA) vanishing(x *mat.Dense) (*polynomials, error) {
	_, d := x.Dims()
	m := monomialsOf(g.Groups, d)
	at := embed(x, m)
	if n := at.RawMatrix().Rows; n < m.count() { // of rows of 0 the decomposition has all right vectors
		at = at.Grow(m.count()-n, 0).(*mat.Dense)
	}
	sigma, right, err := decompose(at)
	if err != nil {
		return nil, err
	}
	rank := 0
	for rank < len(sigma) && sigma[rank] > g.Noise*sigma[0] {
		rank++
	}
	if g.Hyperplanes {
		rank = m.count() - 1
	}
	if rank == m.count() {
		return nil, errors.Wrapf(ErrInput, "no polynomial of degree %d vanishes on the samples: the least singular "+
			"value is %v of the greatest, Noise is %v", g.Groups, sigma[rank-1]/sigma[0], g.Noise)
	}
	return &polynomials{m, mat.DenseCopyOf(right.Slice(0, m.count(), rank, m.count()))}, nil
}

// jacobian returns the gradients of the polynomials at x, a column each.
func (p *polynomials) jacobian(x []float64) *mat.Dense {
	d := len(x)
	by := mat.NewDense(d, p.m.count(), nil)
	for j := range d {
		p.m.gradient(by.RawRowView(j), x, j)
	}
	var out mat.Dense
	out.Mul(by, p.c)
	return &out
}

// distances returns √(Pᵀ(∇Pᵀ∇P)⁺P) of each row of x, which is, to first order, how far
// it is from the zeros; infinite where there are no gradients.
func (p *polynomials) distances(x *mat.Dense, tol float64) []float64 {
	n, _ := x.Dims()
	value := mat.NewVecDense(p.m.count(), nil)
	out := make([]float64, n)
	var svd lin.Singular[float64]
	d, count := x.RawMatrix().Cols, p.count()
	k := min(d, count)
	sigma, v := make([]float64, k), make([]float64, k*count)
	for i := range n {
		p.m.at(value.RawVector().Data, x.RawRowView(i))
		var at mat.VecDense
		at.MulVec(p.c.T(), value)
		gradients := p.jacobian(x.RawRowView(i)).RawMatrix()
		if svd.Solve(nil, d, count, gradients.Data, gradients.Stride, sigma, nil, 0, v, count) != nil {
			out[i] = math.Inf(1)
			continue
		}
		if sigma[0] <= tol {
			out[i] = math.Inf(1)
		}
		for j, s := range sigma {
			if s > tol*sigma[0] && s > 0 {
				out[i] = math.Hypot(out[i], floats.Dot(v[j*count:(j+1)*count], at.RawVector().Data)/s)
			}
		}
	}
	return out
}

// normals returns an orthonormal basis of the gradients at x.
func (p *polynomials) normals(x []float64, tol float64) (*mat.Dense, error) {
	sigma, v, err := decompose(mat.DenseCopyOf(p.jacobian(x).T()))
	if err != nil {
		return nil, err
	}
	r := 0
	for r < len(sigma) && sigma[r] > math.Sqrt(tol)*sigma[0] {
		r++
	}
	if r == 0 {
		return nil, errors.Wrap(ErrInput, "the polynomials have no gradient: are there fewer subspaces?")
	}
	b := columns(v, r)
	setSigns(b)
	return b, nil
}
