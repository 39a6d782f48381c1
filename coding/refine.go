package coding

import (
	"context"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Refine moves samples of a clustering between its groups as long as that saves bits: in each pass, every sample
// moves to the group whose code grows the least by it ([Incremental]), all at once. It corrects some of the errors of
// merging, which never separates samples again. eps2 and affine are those of the Clustering. The result has no
// history.
//
// It is ours. Cost: that of Incremental and of ClusteredLength for each pass, a
// few of which are needed. Errors: those of Clustering.
func (c *Clusters) Refine(ctx context.Context, x *mat.Dense, eps2 float64, affine bool) (*Clusters, error) {
	if c == nil || ctx == nil {
		return nil, errors.Wrap(ErrInput, "refine: no clusters, or no context")
	}
	out := &Clusters{Labels: c.Labels, Groups: c.Groups, eps2: eps2, affine: affine}
	var err error
	if out.Bits, err = ClusteredLength(x, c.Labels, eps2, affine); err != nil {
		return nil, errors.WithMessage(err, "refine")
	}
	out.samples = mat.DenseCopyOf(x)
	for {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		classes, err := Incremental{Eps2: eps2, Linear: !affine}.Fit(x, out.Labels, out.Groups)
		if err != nil {
			return nil, errors.WithMessage(err, "refine")
		}
		moved, err := classes.Predict(x)
		if err != nil {
			return nil, errors.WithMessage(err, "refine")
		}
		bits, err := ClusteredLength(x, moved, eps2, affine)
		if err != nil {
			return nil, errors.WithMessage(err, "refine")
		}
		if !(bits < out.Bits) {
			return out, nil
		}
		groups := groupsOf(moved)
		for j, rows := range groups {
			for _, i := range rows {
				moved[i] = j
			}
		}
		out.Labels, out.Groups, out.Bits = moved, len(groups), bits
	}
}
