package subspace

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// A part is a set of samples and the smallest subspace that contains them.
type part struct {
	rows  []int
	basis *mat.Dense // d×r, orthonormal columns
}

// recursive finds the subspaces, their number and their dimensions: the samples lie in the
// fewest hyperplanes of the subspace that they span, those of a hyperplane in the fewest of its
// own, and so on, until nothing vanishes.
func (g GPCA) recursive(x, unit *mat.Dense) (*Arrangement, error) {
	n, d := x.Dims()
	var all []int
	for i := range n {
		if floats.Norm(x.RawRowView(i), 2) > 0 {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return nil, errors.Wrap(ErrInput, "all samples are 0")
	}
	parts, err := g.split(x, all)
	if err != nil {
		return nil, err
	}
	a := &Arrangement{}
	for _, p := range parts {
		_, r := p.basis.Dims()
		switch few := max(r, len(all)/50); {
		case len(p.rows) <= few && len(parts) > 1: // strays near where subspaces meet
		case r == d:
			return nil, errors.Wrapf(ErrInput, "no polynomial vanishes on %d samples, which fill the space: are "+
				"they too few, or is Noise, %v, too small?", len(p.rows), g.Noise)
		default:
			b, err := orthogonal(p.basis)
			if err != nil {
				return nil, err
			}
			a.Normals = append(a.Normals, b)
		}
	}
	a.assign(unit)
	codims := make([]int, len(a.Normals))
	for j, b := range a.Normals {
		_, codims[j] = b.Dims()
	}
	return a, a.alternate(x, unit, codims)
}

// split returns the parts of some rows of x.
func (g GPCA) split(x *mat.Dense, rows []int) ([]part, error) {
	some := mat.NewDense(len(rows), x.RawMatrix().Cols, nil)
	for i, r := range rows {
		some.SetRow(i, x.RawRowView(r))
	}
	sigma, v, err := decompose(some)
	if err != nil {
		return nil, err
	}
	r := 0
	for r < len(sigma) && sigma[r] > g.Noise*sigma[0] {
		r++
	}
	whole := part{rows, columns(v, r)}
	var inside mat.Dense
	inside.Mul(some, whole.basis)
	k := g.hyperplanes(&inside)
	if k < 2 {
		return []part{whole}, nil
	}
	g.Groups, g.Hyperplanes = k, true
	found, err := g.Fit(&inside)
	if err != nil {
		return nil, err
	}
	g.Hyperplanes = false
	parts, err := g.splitGroups(&inside, found.Labels, whole)
	if len(parts) < 2 {
		return []part{whole}, err
	}
	return parts, err
}

// splitGroups returns the parts of each group of the rows of inside, which are those of whole in its
// coordinates.
func (g GPCA) splitGroups(inside *mat.Dense, labels []int, whole part) ([]part, error) {
	groups := make([][]int, g.Groups)
	for i, y := range labels {
		groups[y] = append(groups[y], i)
	}
	var out []part
	for _, of := range groups {
		if len(of) == 0 || len(of) == len(labels) {
			continue
		}
		parts, err := g.split(inside, of)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			for i, row := range p.rows {
				p.rows[i] = whole.rows[row]
			}
			var basis mat.Dense
			basis.Mul(whole.basis, p.basis)
			out = append(out, part{p.rows, &basis})
		}
	}
	return out, nil
}

// hyperplanes returns how many hold the rows of x, which span their space, for degrees with at most half as many
// monomials as there are samples; 1 if no number of hyperplanes holds them. At high degrees some polynomial is small
// on any samples: at degree k by a factor of about the root of the binomial coefficient of k over k/2.
func (g GPCA) hyperplanes(x *mat.Dense) int {
	const most = 6
	n, r := x.Dims()
	if r < 2 {
		return 1
	}
	for k := 2; k <= most; k++ {
		m := monomialsOf(k, r)
		if 2*m.count() > n {
			break
		}
		sigma, err := singularValues(embed(x, m))
		if err != nil {
			return 1
		}
		if sigma[len(sigma)-1] <= g.Noise*sigma[0] {
			return k
		}
	}
	return 1
}

// orthogonal returns an orthonormal basis of what is orthogonal to the columns of basis.
func orthogonal(basis *mat.Dense) (*mat.Dense, error) {
	d, r := basis.Dims()
	outer := mat.NewSymDense(d, nil)
	outer.SymOuterK(-1, basis)
	_, v, err := eigen(outer, d-r) // 0 for what is orthogonal, −1 for the basis
	if err != nil {
		return nil, err
	}
	setSigns(v)
	return v, nil
}
