package coding

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Predict returns, for each row of x, the group whose code grows by the fewest bits when the sample joins it, and the
// bits that code the group; among equals the lowest:
//
//	argmin_j L(X_j ∪ {x}, ε) − L(X_j, ε) − log₂(n_j/n)
//
// with the ε and the kind of length, [Length] or [LengthAffine], of the [Clustering]. Each sample is predicted by
// itself, and the groups do not change. For samples that were fitted, the result may differ from their Labels, since
// merging never separates samples again; [Clusters.Refine] moves such samples.
//
// It is [Incremental] on the samples that were grouped, of which Clusters keeps a copy, and fits it in each call: for
// many calls with few samples, fit an Incremental once.
//
// Cost: that of Incremental's Fit and Predict. Errors: [ErrInput] for samples that make no sense, of another number of
// features than those that were fitted, or Clusters that are not what Fit or Refine returned.
func (c *Clusters) Predict(x *mat.Dense) ([]int, error) {
	if c == nil || c.samples == nil {
		return nil, errors.Wrap(ErrInput, "lossy clustering: no samples to compare with: Predict wants the Clusters "+
			"that Fit or Refine returned, not a copy by its fields")
	}
	classes, err := Incremental{Eps2: c.eps2, Linear: !c.affine}.Fit(c.samples, c.Labels, c.Groups)
	if err != nil {
		return nil, errors.WithMessage(err, "lossy clustering")
	}
	labels, err := classes.Predict(x)
	return labels, errors.WithMessage(err, "lossy clustering")
}
