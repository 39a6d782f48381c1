package main

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/subspace"
)

// clusterings are k-means with the settings of scikit-learn's defaults, from ten starts, 20 of Lloyd's iterations and a
// pass of mini-batches from the first samples, the five nearest neighbours of samples among themselves, all on
// Gaussian numbers, and spectral clustering of five groups that overlap by the graph of ten neighbours.
func clusterings(of func(int) int) []workload {
	n, d, k := of(5000), of(64), min(of(10), of(5000))
	name := fmt.Sprintf("kmeans_%dx%d_k%d_n10", n, d, k)
	ws := []workload{clustering(name, n, d, subspace.KMeans{Groups: k, NInit: 10, Tol: 1e-4})}
	n, d, k = of(20000), of(784), of(100)
	name = fmt.Sprintf("kmeans_%dx%d_k%d", n, d, k)
	ws = append(ws, clustering(name, n, d, subspace.KMeans{Groups: k, MaxIter: 20}))
	return append(ws, miniBatches(of(100000), of(64), of(100)), neighbors(of(10000), of(64)), spectral(of(5000)))
}

func miniBatches(n, d, k int) workload {
	return classical(fmt.Sprintf("minibatch_kmeans_%dx%d_k%d", n, d, k), func(workers int) (func() error, error) {
		x := gaussian(n, d)
		c := subspace.MiniBatchKMeans{Groups: k, MaxIter: 1, MaxNoImprovement: -1, Workers: workers,
			Start: mat.DenseCopyOf(x.Slice(0, k, 0, d))}
		return func() error { _, err := c.Fit(x); return err }, nil
	})
}

func neighbors(n, d int) workload {
	return classical(fmt.Sprintf("neighbors_%dx%d_k5", n, d), func(workers int) (func() error, error) {
		x := gaussian(n, d)
		c := subspace.NearestNeighbors{K: min(5, n-1), Workers: workers}
		return func() error {
			s, err := c.Fit(x)
			if err == nil {
				_, _, err = s.Kneighbors(nil)
			}
			return err
		}, nil
	})
}

func spectral(n int) workload {
	const d, k = 16, 5
	return classical(fmt.Sprintf("spectral_%dx%d_k%d", n, d, k), func(workers int) (func() error, error) {
		x := gaussian(n, d)
		at := gaussian(k, d)
		for i := range n {
			floats.AddScaled(x.RawRowView(i), 1.2, at.RawRowView(i%k))
		}
		c := subspace.NearestNeighbors{K: min(10, n), Workers: workers}
		return func() error {
			s, err := c.Fit(x)
			if err != nil {
				return err
			}
			g, err := s.Graph()
			if err == nil {
				_, err = subspace.Spectral{Groups: min(k, n)}.Fit(g)
			}
			return err
		}, nil
	})
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
