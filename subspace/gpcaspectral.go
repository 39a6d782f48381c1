package subspace

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// bySpectrum groups the samples by the angles between their normals, and fits subspaces to
// the groups.
func (g GPCA) bySpectrum(x, unit *mat.Dense, f *polynomials) (*Arrangement, error) {
	normals := f.everywhere(unit, g)
	labels, err := Spectral{Groups: g.Groups, Seed: g.Seed}.Fit(likeness(x, normals))
	if err != nil {
		return nil, err
	}
	codims := make([]int, g.Groups) // the median of those of a group's samples
	for j := range codims {
		var of []int
		for i, y := range labels {
			if y == j && normals[i] != nil {
				of = append(of, normals[i].RawMatrix().Cols)
			}
		}
		if len(of) == 0 {
			return nil, errors.Wrapf(ErrInput,
				"the polynomials have no gradient at the samples of subspace %d of %d: are there fewer?", j, g.Groups)
		}
		slices.Sort(of)
		codims[j] = of[len(of)/2]
	}
	a := &Arrangement{Polynomials: f.count(), Labels: labels}
	return a, a.alternate(x, unit, codims)
}

// everywhere returns the normals at each sample; nil where there are none.
func (p *polynomials) everywhere(x *mat.Dense, g GPCA) []*mat.Dense {
	n, _ := x.Dims()
	out := make([]*mat.Dense, n)
	for i := range out {
		if b, err := p.normals(x.RawRowView(i), g.Noise); err == nil {
			out[i] = b
		}
	}
	return out
}

// likeness returns the weights of a graph of the samples,
//
//	W_ij = ‖x_i‖‖x_j‖ exp(−3(1 − ‖B_iᵀB_j‖_F² / max(c_i, c_j)))
//
// for normals B of c columns; for hyperplanes the exponent is −3 sin² of their angle. Normals at samples of small
// norm are mostly noise, and so count less.
func likeness(x *mat.Dense, normals []*mat.Dense) *mat.SymDense {
	w := mat.NewSymDense(len(normals), nil)
	norm, first := make([]float64, len(normals)), make([]int, len(normals)+1)
	var stack []float64 // the columns of all normals, one after the other
	for i, b := range normals {
		norm[i] = floats.Norm(x.RawRowView(i), 2)
		if b != nil {
			stack = append(stack, mat.DenseCopyOf(b.T()).RawMatrix().Data...)
		}
		first[i+1] = len(stack) / x.RawMatrix().Cols
	}
	if len(stack) == 0 {
		return w
	}
	rows := mat.NewDense(first[len(normals)], x.RawMatrix().Cols, stack)
	var products mat.Dense
	products.Mul(rows, rows.T())
	for i := range normals {
		for j := range i + 1 {
			most := max(first[i+1]-first[i], first[j+1]-first[j])
			if first[i+1] == first[i] || first[j+1] == first[j] {
				continue
			}
			sum := 0.0
			for r := first[i]; r < first[i+1]; r++ {
				along := products.RawRowView(r)[first[j]:first[j+1]]
				sum += floats.Dot(along, along)
			}
			w.SetSym(i, j, norm[i]*norm[j]*math.Exp(-3*(1-sum/float64(most))))
		}
	}
	return w
}

// alternate fits a subspace of the given codimension to each group and assigns the samples
// anew, until none moves.
func (a *Arrangement) alternate(x, unit *mat.Dense, codims []int) error {
	const rounds = 50
	for range rounds {
		before := slices.Clone(a.Labels)
		of := make([]int, len(codims)) // codimensions in the order of the groups, which assign may change
		a.Normals = make([]*mat.Dense, len(codims))
		for j, c := range codims {
			b, err := complement(x, a.Labels, j, c)
			if err != nil {
				return err
			}
			a.Normals[j] = b
		}
		a.assign(unit)
		for j, b := range a.Normals {
			of[j] = b.RawMatrix().Cols
		}
		codims = of
		if slices.Equal(before, a.Labels) {
			break
		}
	}
	return nil
}

// complement returns the c directions along which the samples of group j vary the least.
func complement(x *mat.Dense, labels []int, j, c int) (*mat.Dense, error) {
	_, d := x.Dims()
	gram := mat.NewSymDense(d, nil)
	for i, y := range labels {
		if y == j {
			gram.SymRankOne(gram, 1, x.RowView(i))
		}
	}
	_, v, err := eigen(gram, d)
	if err != nil {
		return nil, err
	}
	b := mat.DenseCopyOf(v.Slice(0, d, d-c, d))
	setSigns(b)
	return b, nil
}
