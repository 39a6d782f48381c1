package segment

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/subspace"
	"github.com/whitebox-nn/whitebox/train"
)

// digits is images of digits in principal coordinates. No choice looks at a label:
// coordinates hold 95 % of the variance, the default of PCA, but a coordinate has at
// least 60 samples; ε goes from what the coordinates leave out to all variance; and
// merging begins with one of a few over-segmentations, see chooseStart.
func digits(cfg config) (*problem, error) {
	const perDim, points = 60, 12
	all, err := data.AllDigits()
	if err != nil {
		return nil, err
	}
	n := cmp.Or(cfg.Samples, all.Len())
	if n > all.Len() {
		return nil, errors.Errorf("-n %d, want at most the %d digits", n, all.Len())
	}
	p := &problem{what: "digits", labels: all.Labels()[:n], classes: 10, affine: true, images: mat.NewDense(n, 64, nil)}
	for i := range n {
		row, err := all.Row(nil, i)
		if err != nil {
			return nil, err
		}
		p.images.SetRow(i, row)
	}
	components, err := subspace.PCA{}.Fit(p.images)
	if err != nil {
		return nil, err
	}
	if most := max(2, n/perDim); len(components.Variances) > most {
		if components, err = (subspace.PCA{Dim: most}).Fit(p.images); err != nil {
			return nil, err
		}
	}
	if p.x, err = components.Project(p.images); err != nil {
		return nil, err
	}
	p.starts = []int{n / 3, n / 6, n / 12}
	if err := p.look(); err != nil {
		return nil, err
	}
	left := components.Total - floats.Sum(components.Variances)
	return p, p.sweepFrom(math.Sqrt(left), math.Sqrt(components.Total), points)
}

// chooseStart takes, of the groups about centres of k-means that merging may begin with, those
// from which it ends in the fewest bits, at the given ε or in the middle of the sweep.
func (p *problem) chooseStart(ctx context.Context, cfg config, progress *train.Status) error {
	eps := cfg.Eps
	if eps == 0 {
		eps = math.Sqrt(p.eps2[len(p.eps2)/2])
	}
	least := math.Inf(1)
	p.begun = len(p.labels)
	for _, centres := range p.starts {
		progress.Show(fmt.Sprintf("start: %d centres of k-means", centres))
		near, err := subspace.KMeans{Groups: centres, NInit: 2, Seed: cfg.Seed}.Fit(p.x)
		if err != nil {
			return err
		}
		c := p.clustering(eps)
		c.Start = near.Labels
		found, err := c.Fit(ctx, p.x)
		if err != nil {
			return err
		}
		if found.Bits < least {
			least, p.start, p.begun = found.Bits, near.Labels, centres
		}
	}
	return nil
}
