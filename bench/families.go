package main

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
	"github.com/whitebox-nn/whitebox/subspace"
)

// families are what is swept over, the sizes divided by shrink for a trial.
func families(shrink int) []family {
	by := func(v ...int) []int {
		for i := range v {
			v[i] = max(2, v[i]/shrink)
		}
		return v
	}
	return []family{productFamily(by), rateFamily(by), perceptronFamily(by), listaFamily(by), reduNetFamily(by),
		resnetFamily(by), sparseFamily(by), decompositionFamily(by), kmeansFamily(by)}
}

func productFamily(by func(...int) []int) family {
	return family{"product", "A product of two n×n matrices", []sweep{
		{"n", by(128, 256, 512, 1024), func(v int) workload { return gemm("nn", v) },
			func(v float64) float64 { return 2 * v * v * v }}}}
}

// rateOperations counts R and Rᶜ with their gradients: Gram matrices, factors and inverses
// in float64, the products of the gradients in float32.
func rateOperations(n, d, k float64) float64 {
	of := func(n, d float64) float64 {
		s, long := min(n, d), max(n, d)
		return 2*(long*s*s+s*s*s) + 2*n*d*s
	}
	return of(n, d) + k*of(max(1, n/k), d)
}

func rateFamily(by func(...int) []int) family {
	b := by(4096, 128, 16)
	n, d, k := b[0], b[1], b[2]
	at := func(n, d, k int) workload { return mcr2(tensor.Float32, n, d, k) }
	base := fmt.Sprintf("MCR² and its gradient, of %d samples of %d features in %d classes", n, d, k)
	return family{"mcr2", base, []sweep{
		{"samples", by(1024, 2048, 4096, 8192, 16384), func(v int) workload { return at(v, d, k) },
			func(v float64) float64 { return rateOperations(v, float64(d), float64(k)) }},
		{"features", by(64, 128, 256, 512), func(v int) workload { return at(n, v, k) },
			func(v float64) float64 { return rateOperations(float64(n), v, float64(k)) }},
		{"classes", by(4, 16, 64, 256, 1024), func(v int) workload { return at(n, d, v) },
			func(v float64) float64 { return rateOperations(float64(n), float64(d), v) }},
	}}
}

// perceptronOperations counts the products of a step, without that of the gradient by the
// samples.
func perceptronOperations(batch, width, hidden float64) float64 {
	return batch * (4*784*width + 6*(hidden-1)*width*width + 6*width*128)
}

func perceptronFamily(by func(...int) []int) family {
	b := by(512, 512)
	at := func(batch, width, hidden int) workload {
		dims := []int{784}
		for range hidden {
			dims = append(dims, width)
		}
		return perceptron("cost", append(dims, 128), batch, losses.CrossEntropy{}, false)
	}
	return family{"perceptron", fmt.Sprintf("A step of gradient descent with momentum on a perceptron 784-%d-128 and "+
		"cross-entropy, %d samples", b[1], b[0]), []sweep{
		{"batch", by(64, 128, 256, 512, 1024), func(v int) workload { return at(v, b[1], 1) },
			func(v float64) float64 { return perceptronOperations(v, float64(b[1]), 1) }},
		{"width", by(128, 256, 512, 1024), func(v int) workload { return at(b[0], v, 1) },
			func(v float64) float64 { return perceptronOperations(float64(b[0]), v, 1) }},
		{"hidden layers", []int{1, 2, 4, 8, 16}, func(v int) workload { return at(b[0], b[1], v) },
			func(v float64) float64 { return perceptronOperations(float64(b[0]), float64(b[1]), v) }},
	}}
}

// listaOperations counts the products of a step: a layer has one matrix on the samples and,
// but for the first, one on the codes.
func listaOperations(batch, m, n, layers float64) float64 {
	return batch * (4*layers*m*n + 6*(layers-1)*n*n)
}

func listaFamily(by func(...int) []int) family {
	b := by(64, 250, 500)
	at := func(batch, n, layers int) workload { return listaOf("cost", batch, n/2, n, layers) }
	return family{"lista", fmt.Sprintf("A step of Adam on LISTA with matrices of its own in each of 16 layers, %d "+
		"samples, %d measurements, %d atoms", b[0], b[1], b[2]), []sweep{
		{"batch", by(16, 32, 64, 128, 256, 512), func(v int) workload { return at(v, b[2], 16) },
			func(v float64) float64 { return listaOperations(v, float64(b[1]), float64(b[2]), 16) }},
		{"atoms", by(64, 125, 250, 500), func(v int) workload { return at(b[0], v, 16) },
			func(v float64) float64 { return listaOperations(float64(b[0]), v/2, v, 16) }},
		{"layers", []int{2, 4, 8, 16, 32}, func(v int) workload { return at(b[0], b[2], v) },
			func(v float64) float64 { return listaOperations(float64(b[0]), float64(b[1]), float64(b[2]), v) }},
		{"layers of 16 atoms", []int{64, 128, 256, 512, 1024}, func(v int) workload { return at(4, 16, v) },
			func(v float64) float64 { return listaOperations(4, 8, 16, v) }},
	}}
}

// reduNetOperations counts a construction on vectors: Gram matrices, factors and inverses
// in float64, and moving the features where the bound excludes all classes but one.
func reduNetOperations(n, d, k, layers float64) float64 {
	return layers * (2*(n*d*d+(k+1)*d*d*d) + n*d*d*(4+k/2))
}

// reduNetFamily is of a network on vectors, and by channels of one on images of 12×12,
// 100 samples and 2 layers.
func reduNetFamily(by func(...int) []int) family {
	b := by(1000, 256)
	n, d := b[0], b[1]
	at := func(n, layers, classes int) workload { return reduNet("cost", n, layers, classes, d) }
	side := by(12)[0]
	base := fmt.Sprintf("Constructions of ReduNets, of %d samples of %d features in 10 classes, 4 layers; by "+
		"channels: images of %d×%d, 100 samples, 2 layers", n, d, side, side)
	return family{"redunet", base, []sweep{
		{"layers", []int{1, 2, 4, 8, 16}, func(v int) workload { return at(n, v, 10) },
			func(v float64) float64 { return reduNetOperations(float64(n), float64(d), 10, v) }},
		{"classes", []int{2, 5, 10, 20, 50}, func(v int) workload { return at(n, 4, v) },
			func(v float64) float64 { return reduNetOperations(float64(n), float64(d), v, 4) }},
		{"samples", by(500, 1000, 2000, 4000), func(v int) workload { return at(v, 4, 10) },
			func(v float64) float64 { return reduNetOperations(v, float64(d), 10, 4) }},
		{"channels", by(4, 8, 16, 32), func(v int) workload { return reduNet("cost", 100, 2, 10, v, side, side) },
			func(v float64) float64 {
				f := float64(side*side) / 2
				return 2 * (2*f*(4*100*v*v+16./3*11*v*v*v) + 8*100*f*v*v*12)
			}},
	}}
}

func resnetFamily(by func(...int) []int) family {
	b := by(8, 32)
	operations := func(batch, width float64) float64 { return 106e9 * batch / 32 * width * width / (64 * 64) }
	return family{"resnet", fmt.Sprintf("A step on ResNet-18 of width %d, %d images of 32×32", b[1], b[0]), []sweep{
		{"batch", by(4, 8, 16, 32), func(v int) workload { return resnetStep(v, b[1]) },
			func(v float64) float64 { return operations(v, float64(b[1])) }},
		{"width", by(16, 32, 64), func(v int) workload { return resnetStep(b[0], v) },
			func(v float64) float64 { return operations(float64(b[0]), v) }},
	}}
}

func sparseFamily(by func(...int) []int) family {
	b := by(500, 400)
	operations := func(samples, atoms float64) float64 { return 2 * iterations * 4 * samples * atoms * atoms / 2 }
	return family{"sparse", fmt.Sprintf("%d iterations of ISTA in float64, %d samples of half as many measurements as "+
		"atoms, %d atoms", iterations, b[0], b[1]), []sweep{
		{"samples", by(125, 250, 500, 1000, 2000), func(v int) workload { return istaOf(v, b[1]) },
			func(v float64) float64 { return operations(v, float64(b[1])) }},
		{"atoms", by(100, 200, 400, 800), func(v int) workload { return istaOf(b[0], v) },
			func(v float64) float64 { return operations(float64(b[0]), v) }},
	}}
}

// istaOf is so many iterations of ISTA on samples of half as many measurements as atoms.
func istaOf(samples, atoms int) workload {
	return workload{name: "cost", host: true, prepare: func(o nn.Options) (run, free func() error, err error) {
		set, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: samples, Measurements: atoms / 2, Atoms: atoms,
			Seed: 1})
		var x []float64
		for i := 0; err == nil && i < samples; i++ {
			x, err = set.Row(x, i)
		}
		if err != nil {
			return nil, nil, err
		}
		op, err := sparse.NewMatrix(mat.NewDense(atoms/2, atoms, a))
		if err != nil {
			return nil, nil, err
		}
		l, err := sparse.Lipschitz(op)
		s := sparse.ISTA{Step: sparse.Step{L: l}, Stop: sparse.Stop{MaxIter: iterations}, Workers: o.Workers}
		p := sparse.Problem{A: op, X: mat.NewDense(samples, atoms/2, x), Lambda: 0.2}
		return func() error { _, err := s.Solve(p); return err }, func() error { return nil }, err
	}}
}

func decompositionFamily(by func(...int) []int) family {
	var sweeps []sweep
	for i, kind := range []struct {
		name       string
		operations float64 // an n³, of float64
	}{{"n of eigenvectors", 9}, {"n of singular vectors", 22}, {"n of Q and R", 8. / 3}} {
		sweeps = append(sweeps, sweep{kind.name, by(64, 128, 256, 512),
			func(v int) workload { return decompositionsOf[float64]("f64", v)[i] },
			func(v float64) float64 { return 2 * kind.operations * math.Pow(v, 3) }})
	}
	return family{"decomposition", "Eigenvectors, singular vectors, and Q and R of n×n matrices in float64", sweeps}
}

func kmeansFamily(by func(...int) []int) family {
	b := by(8000, 64, 16)
	at := func(n, d, k int) workload {
		return clustering("cost", n, d, subspace.KMeans{Groups: k, MaxIter: 20})
	}
	operations := func(n, d, k float64) float64 { return 2 * 20 * 2 * n * d * k }
	base := fmt.Sprintf("20 iterations of k-means on %d samples of %d features in %d groups", b[0], b[1], b[2])
	return family{"kmeans", base, []sweep{
		{"samples", by(2000, 4000, 8000, 16000), func(v int) workload { return at(v, b[1], b[2]) },
			func(v float64) float64 { return operations(v, float64(b[1]), float64(b[2])) }},
		{"features", by(16, 32, 64, 128, 256), func(v int) workload { return at(b[0], v, b[2]) },
			func(v float64) float64 { return operations(float64(b[0]), v, float64(b[2])) }},
		{"groups", by(8, 16, 32, 64, 128), func(v int) workload { return at(b[0], b[1], v) },
			func(v float64) float64 { return operations(float64(b[0]), float64(b[1]), v) }},
	}}
}
