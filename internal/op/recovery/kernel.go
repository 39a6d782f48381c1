package recovery

import (
	"math"

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
	for i, want := range truth {
		got := z[i]
		e, w := float64(got)-float64(want), float64(want)
		sums[wrong] += e * e
		sums[energy] += w * w
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

func decibels(sums []float64) float64  { return 10 * math.Log10(sums[wrong]/sums[energy]) }
func precision(sums []float64) float64 { return share(sums[both], sums[found]) }
func recall(sums []float64) float64    { return share(sums[both], sums[there]) }

// share returns part of whole, 1 of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return 1
	}
	return part / whole
}
