package segment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/subspace"
	"github.com/whitebox-nn/whitebox/train"
)

// A grouping is what a method found, and how good it is.
type grouping struct {
	Name     string  `json:"method"`
	Groups   int     `json:"groups"`
	Accuracy float64 `json:"accuracy"`
	NMI      float64 `json:"nmi"`
	ARI      float64 `json:"ari"`
	Bits     float64 `json:"bits"` // at the chosen ε
	Seconds  float64 `json:"seconds"`
	labels   []int
	named    []int  // the labels, with the names of the classes that they match
	note     string // how it came to be
	why      string // there is no result
}

// findings are all results of a problem.
type findings struct {
	*problem
	sweep  []coding.SweepPoint
	at     int     // of the sweep, that was chosen; −1 if ε was given
	eps    float64 // that the groupings are for
	found  *coding.Clusters
	truth  float64 // bits of the classes
	result []grouping
}

// clustering returns the method that the command is about.
func (p *problem) clustering(eps float64) coding.Clustering {
	return coding.Clustering{Eps2: eps * eps, Affine: p.affine, Start: p.start}
}

// solve sweeps ε and groups the samples by every method.
func (p *problem) solve(ctx context.Context, cfg config, progress *train.Status) (f *findings, err error) {
	f = &findings{problem: p, at: -1, eps: cfg.Eps}
	if err := f.search(ctx, cfg, progress); err != nil {
		return nil, err
	}
	if f.truth, err = coding.ClusteredLength(p.x, p.labels, f.eps*f.eps, p.affine); err != nil {
		return nil, err
	}
	if err := f.compress(ctx, cfg.Groups); err != nil {
		return nil, err
	}
	for _, m := range p.baselines(nn.Options{Device: cfg.on}) {
		progress.Show(m.name)
		if err := f.run(ctx, m, cmp.Or(cfg.Groups, p.classes), cfg.Seed); err != nil {
			return nil, err
		}
	}
	progress.Clear()
	return f, nil
}

// search chooses what the groups are for, without a label: where merging begins, and, if it
// is not given, ε.
func (f *findings) search(ctx context.Context, cfg config, progress *train.Status) (err error) {
	if err := f.chooseStart(ctx, cfg, progress); err != nil {
		return err
	}
	for i, e := range f.eps2 {
		progress.Show(fmt.Sprintf("sweep: ε %.3g, %d of %d", math.Sqrt(e), i+1, len(f.eps2)))
		found, err := f.clustering(math.Sqrt(e)).Fit(ctx, f.x)
		if err != nil {
			return err
		}
		f.sweep = append(f.sweep, coding.SweepPoint{Eps2: e, Clusters: found})
	}
	if f.eps == 0 {
		if f.at, err = coding.Plateau(f.sweep); err != nil {
			return err
		}
		f.eps = math.Sqrt(f.sweep[f.at].Eps2)
	}
	return nil
}

// compress groups by lossy compression: into as many groups as it finds, or k; the
// same, refined; and, if k is 0, into as many as there are classes.
func (f *findings) compress(ctx context.Context, k int) error {
	c := f.clustering(f.eps)
	c.Groups = k
	began := time.Now()
	found, err := c.Fit(ctx, f.x)
	if err != nil {
		return err
	}
	f.found = found
	if err := f.add("lossy compression", "finds the number of groups", found.Labels, began); err != nil {
		return err
	}
	refined, err := found.Refine(ctx, f.x, c.Eps2, c.Affine)
	if err != nil {
		return err
	}
	if err := f.add("refined", "moves single samples as long as that saves bits", refined.Labels, began); err != nil ||
		k > 0 {
		return err
	}
	began = time.Now()
	c.Groups = f.classes
	if found, err = c.Fit(ctx, f.x); err != nil {
		return err
	}
	return f.add(fmt.Sprintf("k = %d", c.Groups), "lossy compression, told the number of groups", found.Labels, began)
}

// run groups by a method. One that cannot is said so in the report.
func (f *findings) run(ctx context.Context, m method, k int, seed uint64) error {
	began := time.Now()
	labels, err := m.fit(ctx, f.problem, k, seed)
	if errors.Is(err, subspace.ErrInput) {
		f.result = append(f.result, grouping{Name: m.name, why: err.Error()})
		return nil
	}
	if err != nil {
		return errors.WithMessage(err, m.name)
	}
	return f.add(m.name, m.note, labels, began)
}

// add measures a grouping.
func (f *findings) add(name, note string, labels []int, began time.Time) (err error) {
	g := grouping{Name: name, note: note, labels: labels, Seconds: time.Since(began).Seconds()}
	for _, y := range labels {
		g.Groups = max(g.Groups, y+1)
	}
	for _, m := range []struct {
		value   *float64
		measure func(clusters, labels []int) (float64, error)
	}{{&g.Accuracy, metrics.ClusterAccuracy}, {&g.NMI, metrics.NMI}, {&g.ARI, metrics.ARI}} {
		if *m.value, err = m.measure(labels, f.labels); err != nil {
			return errors.WithMessage(err, name)
		}
	}
	if g.named, err = metrics.MatchClusters(labels, f.labels); err != nil {
		return errors.WithMessage(err, name)
	}
	if g.Bits, err = coding.ClusteredLength(f.x, labels, f.eps*f.eps, f.affine); err != nil {
		return errors.WithMessage(err, name)
	}
	f.result = append(f.result, g)
	return nil
}
