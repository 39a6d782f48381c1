package main

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/subspace"
)

// subspaces are what rests on dense decompositions, in float64: principal components, a
// subspace for each of ten classes, and robust PCA.
func subspaces(of func(int) int) []workload {
	pca := func(kind string, p subspace.PCA) workload {
		n, d := of(5000), of(784)
		p.Dim = min(50, d)
		return classical(fmt.Sprintf("pca%s_%dx%d", kind, n, d), func(workers int) (func() error, error) {
			x, p := gaussian(n, d), p
			p.Workers = workers
			return func() error { _, err := p.Fit(x); return err }, nil
		})
	}
	nearest := func(kind string, gram bool, d int) workload {
		n := of(5000)
		return classical(fmt.Sprintf("nearest_subspace%s_%dx%d", kind, n, d), func(workers int) (func() error, error) {
			x, labels := gaussian(n, d), make([]int, n)
			for i := range labels {
				labels[i] = i % 10
			}
			// Every direction that there is, but one, as the peer has.
			c := metrics.NearestSubspace{Dim: d - 1, Centered: true, Gram: gram, Workers: workers}
			return func() error { _, err := c.Fit(x, labels, 10); return err }, nil
		})
	}
	return []workload{
		pca("", subspace.PCA{}),
		pca("_covariance", subspace.PCA{Covariance: true}),
		pca("_randomized", subspace.PCA{Randomized: true}),
		nearest("", false, of(128)), nearest("_gram", true, of(128)),
		nearest("", false, of(512)), nearest("_gram", true, of(512)),
		robustPCA(of(300)),
	}
}

// classical is a workload of the host in float64.
func classical(name string, bind func(workers int) (run func() error, err error)) workload {
	return workload{name: name, host: true, prepare: func(o nn.Options) (run, free func() error, err error) {
		run, err = bind(o.Workers)
		return run, func() error { return nil }, err
	}}
}

// robustPCA takes an n×n matrix of rank n/30 and outliers apart, 5 in 100 entries for n = 300.
// It is a formula, so that a peer takes as many iterations: 326.
func robustPCA(n int) workload {
	return classical(fmt.Sprintf("rpca_%dx%d", n, n), func(workers int) (func() error, error) {
		rank := max(1, n/30)
		u, v := mat.NewDense(n, rank, nil), mat.NewDense(n, rank, nil)
		at := func(f func(float64) float64, rate, shift, phase float64) func(i, j int, _ float64) float64 {
			return func(i, j int, _ float64) float64 {
				return f(float64(i)*(float64(j)+shift)*rate + phase*float64(j))
			}
		}
		u.Apply(at(math.Sin, 0.731, 1, 1), u)
		v.Apply(at(math.Cos, 0.517, 2, 2), v)
		var x mat.Dense
		x.Mul(u, v.T())
		for t := range n * n / 20 {
			_, part := math.Modf(float64(t) * 0.618034)
			x.Set(t*37%n, (t*101+t*37/n)%n, 50*part-25)
		}
		r := subspace.RobustPCA{Workers: workers}
		return func() error { _, err := r.Fit(context.Background(), &x); return err }, nil
	})
}
