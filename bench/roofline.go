package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A kernel is a loop over elements, for the roofline.
type kernel struct {
	name  string
	flops float64 // an element
	bytes float64 // an element, read and written
	run   func(v [][]float32)
}

// kernels lists the loops on vectors; v holds four of one length.
func kernels() []kernel {
	wide := make([]float64, 1)
	return []kernel{
		{"add", 1, 12, func(v [][]float32) { simd.Add(v[0], v[1], v[2]) }},
		{"axpy", 2, 12, func(v [][]float32) { simd.Axpy(v[0], 1e-9, v[1]) }},
		{"relu", 1, 8, func(v [][]float32) { simd.ReLU(v[0], v[1]) }},
		{"soft threshold", 3, 12, func(v [][]float32) { simd.SoftThreshold(v[0], v[1], v[2]) }},
		{"exp", 19, 8, func(v [][]float32) { simd.Exp(v[0], v[1]) }},
		{"dot", 2, 8, func(v [][]float32) { wide[0] = float64(simd.Dot(v[0], v[1])) }},
		{"dot in float64", 2, 8, func(v [][]float32) { wide[0] = simd.DotWide(v[0], v[1]) }},
		{"sgd step", 10, 20, func(v [][]float32) {
			simd.SGDStep(v[0], v[1], v[2], simd.SGD[float32]{Keep: 0.9, Add: 1, Trace: 1, LR: 1e-9})
		}},
		{"adam step", 17, 28, func(v [][]float32) {
			simd.AdamStep(v[0], v[1], v[3], v[2], simd.Adam[float32]{W1: 0.1, B2: 0.999, W2: 0.001, Root: 1, Eps: 1e-8,
				LR: 1e-9, Decay: 1})
		}},
	}
}

// Sizes of vectors: four fit the first-level cache; none fits any cache.
const (
	inCache  = 1 << 11
	inMemory = 1 << 23
	repeats  = 500 // of what is shorter than a clock is fine
)

// roofline prints what limits each kernel on one core, and whole products and
// factors on all threads: their speed beside the two roofs of this machine, the
// micro-kernel on data in cache and the stream of y += a·x. Each time is the least
// of many.
func roofline(w io.Writer, c clock, threads int) error {
	peak32, peak64 := tilePeak[float32](c), tilePeak[float64](c)
	stream := fill(4, inMemory)
	memory := 12 * inMemory / c.least(60, func() { simd.Axpy(stream[0], 1e-9, stream[1]) }) / 1e9
	fmt.Fprintf(w, "one core, %v: %.0f GFLOP/s in float32, %.0f in float64, %.1f GB/s from memory\n\n", simd.Active(),
		peak32, peak64, memory)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kernel\tflops/byte\tGFLOP/s in cache\tGB/s in cache\tGB/s from memory\tof the roof\t")
	small := fill(4, inCache)
	for _, k := range kernels() {
		cached := repeats * inCache / c.least(50, func() { // elements a nanosecond
			for range repeats {
				k.run(small)
			}
		}) / 1e9
		far := inMemory / c.least(40, func() { k.run(stream) }) / 1e9
		fmt.Fprintf(t, "%s\t%.2f\t%.1f\t%.0f\t%.1f\t%.0f %%\t\n", k.name, k.flops/k.bytes, cached*k.flops,
			cached*k.bytes, far*k.bytes, 100*far*k.bytes/memory)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d threads\n\n", threads)
	return products(w, c, threads, peak32*float64(threads), peak64*float64(threads))
}

// tilePeak returns the GFLOP/s of the micro-kernel on panels in cache.
func tilePeak[T simd.Float](clock clock) float64 {
	const depth = 256
	tile := simd.NewTile[T]()
	a, b, c := make([]T, depth*tile.Rows), make([]T, depth*tile.Cols), make([]T, tile.Rows*tile.Cols)
	s := clock.least(50, func() {
		for range repeats {
			tile.Call(depth, &a[0], 1, tile.Rows, &b[0], tile.Cols, &c[0], tile.Cols, tile.Rows, tile.Cols, 1, 1)
		}
	})
	return 2 * repeats * depth * float64(tile.Rows*tile.Cols) / s / 1e9
}

// products prints the rows of linear algebra.
func products(w io.Writer, c clock, threads int, peak32, peak64 float64) error {
	p := par.New(threads)
	defer p.Close()
	const n = 1024
	x, y := fill(3, n*n), make([]float64, n*n)
	l := spd(n)
	row := func(t io.Writer, name string, flops, peak float64, run func()) {
		rate := flops / c.least(15, run) / 1e9
		fmt.Fprintf(t, "%s\t%.0f\t%.0f %%\t\n", name, rate, 100*rate/peak)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "n = 1024\tGFLOP/s\tof the roof\t")
	row(t, "product, float32", 2*n*n*n, peak32, func() {
		lin.Gemm(p, false, false, n, n, n, 1, x[0], n, x[1], n, 0,
			x[2], n)
	})
	row(t, "Gram matrix of float32 in float64", n*n*n, peak64, func() { lin.Gram(p, false, n, n, 1, x[0], n, y, n) })
	row(t, "Cholesky factor, float64", n*n*n/3., peak64, func() { copy(y, l); _ = lin.Cholesky(p, n, y, n) })
	inv := make([]float64, n*n)
	row(t, "inverse from the factor, float64", 2*n*n*n/3., peak64, func() { lin.CholInverse(p, n, y, n, inv, n) })
	row(t, "triangular system, n right-hand sides", n*n*n, peak64,
		func() { lin.Trsm(p, false, false, n, n, y, n, inv, n) })
	return t.Flush()
}

// spd returns a symmetric matrix of order n whose diagonal dominates.
func spd(n int) []float64 {
	a := make([]float64, n*n)
	for i := range n {
		for j := range n {
			a[i*n+j] = 1 / float64(1+i+j)
		}
		a[i*n+i] += float64(n)
	}
	return a
}

// fill returns vectors of n small positive numbers.
func fill(count, n int) [][]float32 {
	v := make([][]float32, count)
	for i := range v {
		v[i] = make([]float32, n)
		for j := range v[i] {
			v[i][j] = float32(j%7+1) / 8
		}
	}
	return v
}
