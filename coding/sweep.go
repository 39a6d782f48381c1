package coding

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// A SweepPoint is what Clustering found at one ε².
type SweepPoint struct {
	Eps2 float64
	*Clusters
}

// Sweep fits c at each ε², in place of its own, and returns what it found: the number of groups and the bits as
// functions of ε. The number of groups tends to fall as ε grows; where it stays the same over a wide range, it is a
// property of the data rather than of ε: see [Plateau].
//
// Cost: that of Clustering for each. Errors: those of Clustering.
func (c Clustering) Sweep(ctx context.Context, x *mat.Dense, eps2 []float64) ([]SweepPoint, error) {
	points := make([]SweepPoint, len(eps2))
	for i, e := range eps2 {
		c.Eps2 = e
		found, err := c.Fit(ctx, x)
		if err != nil {
			return nil, errors.WithMessagef(err, "sweep: ε² %v", e)
		}
		points[i] = SweepPoint{e, found}
	}
	return points, nil
}

// Logspace returns count numbers from lo to hi, both included, whose ratios are
// the same. Errors: ErrInput unless 0 < lo < hi and count is at least 2.
func Logspace(lo, hi float64, count int) ([]float64, error) {
	if !(lo > 0 && lo < hi) || math.IsInf(hi, 1) || count < 2 {
		return nil, errors.Wrapf(ErrInput, "%d numbers from %v to %v, want at least 2, and both finite and above 0",
			count, lo, hi)
	}
	if err := sizes.Check("numbers", count); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	out := make([]float64, count)
	for i := range out {
		at := float64(i) / float64(count-1)
		out[i] = lo * math.Pow(hi/lo, at)
	}
	out[count-1] = hi
	return out, nil
}

// Plateau returns the index of the point in the middle of the widest range of
// log ε over which a sweep by ascending ε² finds the same number of groups, of
// those ranges that have more than one group and more than two points; failing that, of
// all. Among equals the least ε wins. A range reaches half way to the points beside
// it.
//
// Errors: ErrInput for no points or ε² that do not ascend.
//
// Ma et al. make this choice by eye.
func Plateau(points []SweepPoint) (int, error) {
	if len(points) == 0 {
		return 0, errors.Wrap(ErrInput, "plateau of no points")
	}
	for i, p := range points {
		if p.Clusters == nil {
			return 0, errors.Wrapf(ErrInput, "plateau: point %d of %d has no clusters", i, len(points))
		}
	}
	for i := 1; i < len(points); i++ {
		if !(points[i].Eps2 > points[i-1].Eps2) {
			return 0, errors.Wrapf(ErrInput, "plateau: ε² %v after %v, want them ascending", points[i].Eps2,
				points[i-1].Eps2)
		}
	}
	if at := widest(points, func(groups, count int) bool { return groups > 1 && count > 2 }); at >= 0 {
		return at, nil
	}
	return widest(points, func(_, _ int) bool { return true }), nil
}

// widest returns the middle of the widest range of those that count.
func widest(points []SweepPoint, counts func(groups, count int) bool) int {
	edge := func(i int) float64 { // in log ε², between points i−1 and i
		lo, hi := points[max(i-1, 0)].Eps2, points[min(i, len(points)-1)].Eps2
		return (math.Log(lo) + math.Log(hi)) / 2
	}
	at, width := -1, math.Inf(-1)
	for lo, hi := 0, 0; lo < len(points); lo = hi {
		for hi = lo; hi < len(points) && points[hi].Groups == points[lo].Groups; hi++ {
		}
		if w := edge(hi) - edge(lo); w > width*(1+1e-9) && counts(points[lo].Groups, hi-lo) {
			at, width = (lo+hi-1)/2, w
		}
	}
	return at
}
