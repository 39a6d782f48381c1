package redunet

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/train"
)

// wide is the features from which fewer shifts are measured, for the time it takes.
const wide = 1 << 14

// evaluateShifts classifies shifted samples. Their features are the shifted features
// of the samples, which is measured on some first.
func (r *result) evaluateShifts(ctx context.Context, c *train.Predictor) (err error) {
	if r.Equivariance, err = r.equivariance(ctx, c); err != nil {
		return err
	}
	grid := r.shiftGrid()
	r.ShiftedTrain, r.ShiftedTest = &accuracies{}, &accuracies{}
	for _, by := range grid {
		for _, of := range []struct {
			f  features
			to *accuracies
		}{{r.train, r.ShiftedTrain}, {r.test, r.ShiftedTest}} {
			if err := ctx.Err(); err != nil {
				return err
			}
			f, err := r.shifted(of.f, by)
			if err != nil {
				return err
			}
			a, err := r.score(f)
			if err != nil {
				return err
			}
			share := 1 / float64(len(grid))
			of.to.NearestSubspace += share * a.NearestSubspace
			of.to.KNN += share * a.KNN
			of.to.Linear += share * a.Linear
		}
	}
	return r.allShifts(ctx)
}

// shiftGrid returns the shifts that samples are measured in; nil for none.
func (r *result) shiftGrid() (grid [][]int) {
	if r.cfg.Step == 0 {
		return nil
	}
	reach := 2
	if _, d := r.train.z.Dims(); d > wide {
		reach = 1
	}
	for i := -reach; i <= reach; i++ {
		if r.cfg.Angles > 0 {
			grid = append(grid, []int{i * r.cfg.Step})
			continue
		}
		for j := -reach; j <= reach; j++ {
			grid = append(grid, []int{i * r.cfg.Step, j * r.cfg.Step})
		}
	}
	return grid
}

// allShifts fills the accuracies by shift along the last axis: of the features, and
// of the lifted samples before the first layer.
func (r *result) allShifts(ctx context.Context) error {
	most := 40
	if _, d := r.train.z.Dims(); d > wide {
		most = 8
	}
	start, err := metrics.NearestSubspace{Dim: r.cfg.Subspace}.Fit(r.before.z, r.before.labels, r.before.classes)
	if err != nil {
		return err
	}
	shape := r.sets.train.Shape()
	period := shape[len(shape)-1]
	step := max(1, period/most)
	for by := 0; by < period; by += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := make([]int, len(shape)-1)
		at[len(at)-1] = by
		s := shifted{by: float64(by)}
		for _, of := range []struct {
			f  features
			c  *metrics.Subspaces
			to *float64
		}{{r.test, r.bySubspace, &s.after}, {r.testBefore, start, &s.before}} {
			f, err := r.shifted(of.f, at)
			if err != nil {
				return err
			}
			if *of.to, err = metrics.Score(of.c, f.z, f.labels); err != nil {
				return err
			}
		}
		r.shifts = append(r.shifts, s)
	}
	return nil
}

// shifted returns features shifted by some steps along each axis.
func (r *result) shifted(f features, by []int) (features, error) {
	n, d := f.z.Dims()
	shape := r.sets.train.Shape()
	shape[0] = r.cfg.Channels
	set, err := data.New(f.z.RawMatrix().Data, 1, shape, f.labels, f.classes)
	if err != nil {
		return f, err
	}
	if set, err = set.Shifted(by...); err != nil {
		return f, err
	}
	rows := make([]float64, 0, n*d)
	for i := range n {
		if rows, err = set.Row(rows, i); err != nil {
			return f, err
		}
	}
	return features{z: mat.NewDense(n, d, rows), pi: f.pi, labels: f.labels, classes: f.classes}, nil
}

// equivariance returns the largest difference between the features of shifted test
// samples and their shifted features.
func (r *result) equivariance(ctx context.Context, c *train.Predictor) (float64, error) {
	const some = 20
	shape := r.sets.test.Shape()
	by := make([]int, len(shape)-1)
	for i := range by {
		by[i] = shape[i+1]/3 + 1
	}
	few, err := r.sets.test.FirstOfEach(max(1, some/r.sets.test.Classes()))
	if err != nil {
		return 0, err
	}
	plain, err := featuresOf(ctx, c, few)
	if err != nil {
		return 0, err
	}
	moved, err := few.Shifted(by...)
	if err != nil {
		return 0, err
	}
	got, err := featuresOf(ctx, c, moved)
	if err != nil {
		return 0, err
	}
	want, err := r.shifted(plain, by)
	if err != nil {
		return 0, err
	}
	worst := 0.0
	for i, v := range want.z.RawMatrix().Data {
		worst = math.Max(worst, math.Abs(v-got.z.RawMatrix().Data[i]))
	}
	return worst, nil
}
