package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// GPCA finds k subspaces of R^d through the origin by algebra: the samples of all of
// them are the zeros of polynomials p of degree k, whose coefficients are the null
// space of the samples under the Veronese map ν_k, all monomials of degree k; and at a
// sample of one subspace alone, the gradients ∇p span its orthogonal complement.
//
// The subspaces are found one after the other, at the sample that is nearest to the zeros
// and farthest from the subspaces that were found before,
//
//	argmin_x (√(Pᵀ(∇Pᵀ∇P)⁺P) + δ) / (Π_j ‖B_jᵀx‖ + δ)
//
// and each sample goes to the one whose complement B_j it has the least of. Samples are
// divided by their norms.
//
// It needs no start and no iterations, but many samples: C(k+d−1, k) monomials. In
// practice k ≤ 4 and d ≤ 5; project the samples first, to one dimension more than the largest
// subspace has (PCA with Linear).
//
// Reference: Vidal, Ma, Sastry. Generalized principal component analysis (GPCA).
// PAMI 27(12), 2005.
type GPCA struct {
	Groups      int     // k
	Hyperplanes bool    // all have dimension d−1: then there is one polynomial
	Noise       float64 // singular values below this share of the greatest count as 0; 0 is 1e-6
	Delta       float64 // δ; 0 is Noise
}

// Arrangement is the subspaces that GPCA found.
type Arrangement struct {
	Labels      []int        // the subspace of each sample, in the order of their first
	Normals     []*mat.Dense // B_j, d×(d − dimension), orthonormal columns
	Polynomials int          // that vanish on all samples
}

// Fit finds the subspaces of the rows of x, n×d.
//
// Cost: with N = C(k+d−1, k) monomials, O(n·N²), and n·k·N·d for the gradients. Errors:
// ErrInput for samples or settings that make no sense; too few samples for the
// polynomials; none that vanishes to Noise; more subspaces asked for than there
// are.
func (g GPCA) Fit(x *mat.Dense) (*Arrangement, error) {
	if err := g.fill(x); err != nil {
		return nil, errors.WithMessage(err, "GPCA")
	}
	unit := unitRows(x)
	f, err := g.vanishing(unit)
	if err != nil {
		return nil, errors.WithMessage(err, "GPCA")
	}
	n, _ := x.Dims()
	out := &Arrangement{Polynomials: f.count()}
	far := make([]float64, n) // Π‖B_jᵀx‖ over the subspaces found
	for i := range far {
		far[i] = 1
	}
	near := f.distances(unit, g.Noise)
	for j := range g.Groups {
		best, at := math.Inf(1), -1
		for i, d := range near {
			if score := (d + g.Delta) / (far[i] + g.Delta); score < best && floats.Norm(unit.RawRowView(i), 2) > 0 {
				best, at = score, i
			}
		}
		if at < 0 {
			return nil, errors.Wrapf(ErrInput, "GPCA: no sample is left for subspace %d of %d", j, g.Groups)
		}
		b, err := f.normals(unit.RawRowView(at), g.Noise)
		if err != nil {
			return nil, errors.WithMessagef(err, "GPCA: subspace %d of %d", j, g.Groups)
		}
		out.Normals = append(out.Normals, b)
		for i := range far {
			far[i] *= distanceTo(b, unit.RawRowView(i))
		}
	}
	out.assign(unit)
	return out, nil
}

func (g *GPCA) fill(x *mat.Dense) error {
	if err := check(x); err != nil {
		return err
	}
	if g.Noise == 0 {
		g.Noise = 1e-6
	}
	if g.Delta == 0 {
		g.Delta = g.Noise
	}
	n, d := x.Dims()
	most := 1.0
	for i := range g.Groups {
		most *= float64(d+i) / float64(i+1)
	}
	switch {
	case g.Groups < 1 || d < 2 || !(g.Noise > 0 && g.Noise < 1) || !(g.Delta > 0) || math.IsInf(g.Delta, 1):
		return errors.Wrapf(ErrInput, "%d subspaces of %d features, noise %v, δ %v", g.Groups, d, g.Noise, g.Delta)
	case most-1 > float64(n):
		return errors.Wrapf(ErrInput, "%d samples for %.0f monomials of degree %d in %d features, want at least one fewer: project to fewer features", n, most, g.Groups, d)
	}
	return nil
}

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
	var svd mat.SVD
	if !svd.Factorize(embed(x, m), mat.SVDFullV) {
		return nil, errors.Wrap(ErrInput, "the singular value decomposition did not converge")
	}
	sigma := svd.Values(nil)
	var right mat.Dense
	svd.VTo(&right)
	rank := 0
	for rank < len(sigma) && sigma[rank] > g.Noise*sigma[0] {
		rank++
	}
	if g.Hyperplanes {
		rank = len(m) - 1
	}
	if rank == len(m) {
		return nil, errors.Wrapf(ErrInput, "no polynomial of degree %d vanishes on the samples: the least singular value is %v of the greatest, Noise is %v", g.Groups, sigma[rank-1]/sigma[0], g.Noise)
	}
	return &polynomials{m, mat.DenseCopyOf(right.Slice(0, len(m), rank, len(m)))}, nil
}

// jacobian returns the gradients of the polynomials at x, a column each.
func (p *polynomials) jacobian(x []float64) *mat.Dense {
	d := len(x)
	by := mat.NewDense(d, len(p.m), nil)
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
	value := mat.NewVecDense(len(p.m), nil)
	out := make([]float64, n)
	for i := range n {
		p.m.at(value.RawVector().Data, x.RawRowView(i))
		var at mat.VecDense
		at.MulVec(p.c.T(), value)
		var svd mat.SVD
		if !svd.Factorize(p.jacobian(x.RawRowView(i)), mat.SVDThinV) {
			out[i] = math.Inf(1)
			continue
		}
		sigma := svd.Values(nil)
		var v mat.Dense
		svd.VTo(&v)
		if sigma[0] <= tol {
			out[i] = math.Inf(1)
		}
		for k, s := range sigma {
			if s > tol*sigma[0] && s > 0 {
				out[i] = math.Hypot(out[i], mat.Dot(v.ColView(k), &at)/s)
			}
		}
	}
	return out
}

// normals returns an orthonormal basis of the gradients at x.
func (p *polynomials) normals(x []float64, tol float64) (*mat.Dense, error) {
	sigma, v, err := decompose(p.jacobian(x).T())
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

// assign gives each sample to the subspace that is nearest.
func (a *Arrangement) assign(x *mat.Dense) {
	n, _ := x.Dims()
	labels := make([]int, n)
	for i := range labels {
		best := math.Inf(1)
		for j, b := range a.Normals {
			if d := distanceTo(b, x.RawRowView(i)); d < best {
				best, labels[i] = d, j
			}
		}
	}
	a.Labels = inOrder(labels)
	ordered := make([]*mat.Dense, len(a.Normals))
	next := 0
	for _, y := range a.Labels {
		next = max(next, y+1)
	}
	seen := make([]bool, len(a.Normals))
	for i, y := range labels {
		ordered[a.Labels[i]], seen[y] = a.Normals[y], true
	}
	for j, b := range a.Normals { // those without a sample come last
		if !seen[j] {
			ordered[next] = b
			next++
		}
	}
	a.Normals = ordered
}

// distanceTo returns ‖Bᵀx‖.
func distanceTo(b *mat.Dense, x []float64) float64 {
	var along mat.VecDense
	along.MulVec(b.T(), mat.NewVecDense(len(x), x))
	return mat.Norm(&along, 2)
}
