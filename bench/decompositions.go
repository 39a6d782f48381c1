package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
)

// decompositions are eigenvalues and vectors, singular values and vectors, and R with the
// reflectors of Q, of square matrices of Gaussian numbers, in both types.
func decompositions(of func(int) int) (ws []workload) {
	for _, n := range []int{128, 512, 1000} {
		n = of(n)
		ws = append(ws, decompositionsOf[float64]("f64", n)...)
		ws = append(ws, decompositionsOf[float32]("f32", n)...)
	}
	return ws
}

func decompositionsOf[T simd.Float](suffix string, n int) []workload {
	return []workload{
		decomposition("eigh", suffix, n, func(p *par.Pool, a []T) func() error {
			var x lin.Symmetric[T]
			b, values, vectors := make([]T, n*n), make([]T, n), make([]T, n*n)
			return func() error {
				copy(b, a)
				return x.Solve(p, n, b, n, values, vectors, n)
			}
		}),
		decomposition("svd", suffix, n, func(p *par.Pool, a []T) func() error {
			var x lin.Singular[T]
			u, values, vt := make([]T, n*n), make([]T, n), make([]T, n*n)
			return func() error { return x.Solve(p, n, n, a, n, values, u, n, vt, n) }
		}),
		decomposition("qr", suffix, n, func(p *par.Pool, a []T) func() error {
			var x lin.Orthogonal[T]
			r := make([]T, n*n)
			return func() error {
				copy(r, a)
				return x.Factor(p, n, n, r, n)
			}
		}),
	}
}

// decomposition is a workload on a matrix, of eigenvalues a symmetric one.
func decomposition[T simd.Float](kind, suffix string, n int, bind func(p *par.Pool, a []T) func() error) workload {
	name := fmt.Sprintf("%s_%d_%s", kind, n, suffix)
	return workload{name: name, host: true, prepare: func(o nn.Options) (run, free func() error, err error) {
		r, a := rand.New(rand.NewPCG(1, 2)), make([]T, n*n)
		for i := range n {
			for j := range n {
				a[i*n+j] = T(r.NormFloat64())
				if kind == "eigh" && j < i {
					a[j*n+i] = a[i*n+j]
				}
			}
		}
		pool := par.New(o.Workers)
		return bind(pool, a), func() error { pool.Close(); return nil }, nil
	}}
}
