package recovery

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindSums[T op.Float](_ Sums, a *op.Args[T]) op.Run {
	z, truth := a.In[0], a.In[1]
	chunks := a.Pool.Loop(len(z), grain, func(lo, hi int) {
		add((*[numbers]float64)(a.Work[numbers*(lo/grain):]), z[lo:hi], truth[lo:hi])
	})
	return func() error {
		chunks.Do()
		clear(a.WideOut)
		for lo := 0; lo < len(z); lo += grain {
			for i := range a.WideOut {
				a.WideOut[i] += a.Work[numbers*(lo/grain)+i]
			}
		}
		return nil
	}
}

// add stores the sums of a part of the codes.
func add[T op.Float](sums *[numbers]float64, z, truth []T) {
	*sums = [numbers]float64{}
	var e, t lin.Squares
	defer func() {
		sums[wrong], sums[wrongBig], sums[wrongSmall] = e.Mid, e.Big, e.Small
		sums[energy], sums[energyBig], sums[energySmall] = t.Mid, t.Big, t.Small
	}()
	for i, want := range truth {
		got := z[i]
		e.AddDifference(float64(got), float64(want))
		t.Add(float64(want))
		if got != 0 {
			sums[found]++
		}
		if want != 0 {
			sums[there]++
			if got != 0 {
				sums[both]++
			}
		}
	}
}

func bindNMSE[T op.Float](_ NMSE, a *op.Args[T]) op.Run           { return bind(a, decibels) }
func bindPrecision[T op.Float](_ Precision, a *op.Args[T]) op.Run { return bind(a, precision) }
func bindRecall[T op.Float](_ Recall, a *op.Args[T]) op.Run       { return bind(a, recall) }

func bind[T op.Float](a *op.Args[T], figure func(sums []float64) float64) op.Run {
	return func() error {
		a.WideOut[0] = figure(a.WideIn[0])
		return nil
	}
}

func decibels(sums []float64) float64 {
	return lin.Decibels(
		lin.Squares{Mid: sums[wrong], Big: sums[wrongBig], Small: sums[wrongSmall]},
		lin.Squares{Mid: sums[energy], Big: sums[energyBig], Small: sums[energySmall]})
}

func precision(sums []float64) float64 { return share(sums[both], sums[found]) }
func recall(sums []float64) float64    { return share(sums[both], sums[there]) }

// share returns part of whole, 1 of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return 1
	}
	return part / whole
}
