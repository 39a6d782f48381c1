package main

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/subspace"
)

// clusterings are k-means with the settings of scikit-learn's defaults, from ten starts, and 20 of Lloyd's iterations
// from the first samples, on Gaussian numbers.
func clusterings(of func(int) int) []workload {
	n, d, k := of(5000), of(64), min(of(10), of(5000))
	name := fmt.Sprintf("kmeans_%dx%d_k%d_n10", n, d, k)
	ws := []workload{clustering(name, n, d, subspace.KMeans{Groups: k, NInit: 10, Tol: 1e-4})}
	n, d, k = of(20000), of(784), of(100)
	name = fmt.Sprintf("kmeans_%dx%d_k%d", n, d, k)
	return append(ws, clustering(name, n, d, subspace.KMeans{Groups: k, MaxIter: 20}))
}

// clustering is a workload of k-means; from one start, that is the first samples.
func clustering(name string, n, d int, c subspace.KMeans) workload {
	return workload{name: name, host: true, prepare: func(o nn.Options) (run, free func() error, err error) {
		x := gaussian(n, d)
		if c.Workers = o.Workers; c.NInit == 0 {
			c.Start = mat.DenseCopyOf(x.Slice(0, c.Groups, 0, d))
		}
		return func() error { _, err := c.Fit(x); return err }, func() error { return nil }, nil
	}}
}

// gaussian returns standard normal numbers.
func gaussian(n, d int) *mat.Dense {
	r, x := rand.New(rand.NewPCG(1, 2)), mat.NewDense(n, d, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = r.NormFloat64()
	}
	return x
}
