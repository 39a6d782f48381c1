package subspace

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Predict returns, for each row of x, n×d, the subspace that is nearest, the first among equals:
//
//	argmin_j ‖B_jᵀx_i‖
//
// A sample of 0 is in all of them and goes to the first. Of the samples that were fitted these are
// [Arrangement].Labels.
//
// Cost: 2·n·d·c flops for normals of c columns together. Errors: [ErrInput] for samples that make no sense, of another
// d than the normals.
func (a *Arrangement) Predict(x *mat.Dense) ([]int, error) {
	if a == nil || len(a.Normals) == 0 {
		return nil, errors.Wrap(ErrInput, "GPCA: no subspaces: they are what Fit returns")
	}
	if err := check(x); err != nil {
		return nil, errors.WithMessage(err, "GPCA")
	}
	_, d := x.Dims()
	for j, b := range a.Normals {
		if err := check(b); err != nil {
			return nil, errors.WithMessagef(err, "GPCA: normals of subspace %d", j)
		}
		if of, _ := b.Dims(); of != d {
			return nil, errors.Wrapf(ErrInput, "GPCA: samples of %d features, but subspace %d has normals of %d", d, j,
				of)
		}
	}
	return nearestSubspaces(a.Normals, unitRows(x)), nil
}

// nearestSubspaces returns, for each row of x, the first of the subspaces with the given normals that it is nearest to.
func nearestSubspaces(normals []*mat.Dense, x *mat.Dense) []int {
	n, _ := x.Dims()
	labels := make([]int, n)
	for i := range labels {
		row := x.RawRowView(i)
		best := distanceTo(normals[0], row)
		for j, b := range normals[1:] {
			if d := distanceTo(b, row); d < best {
				best, labels[i] = d, j+1
			}
		}
	}
	return labels
}
