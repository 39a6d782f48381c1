package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/openblas"
)

// A size is that of a product: m×k times k×n.
type size struct{ m, k, n int }

func (s size) String() string {
	if s.m == s.k && s.k == s.n {
		return fmt.Sprint(s.m)
	}
	return fmt.Sprintf("%d×%d×%d", s.m, s.k, s.n)
}

// duels lists the sizes that versus times: squares, and products of a layer, samples by
// inputs times inputs by outputs.
var duels = []size{
	{16, 16, 16}, {32, 32, 32}, {64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024},
	{2048, 2048, 2048}, {64, 250, 500}, {64, 500, 500}, {512, 784, 128}, {1000, 128, 128},
}

// versus times products, ours and those of the OpenBLAS at path, in turn and on one
// thread each: float32 and float64, each operand as it is and transposed. It prints the
// least times of so many pairs of runs, their ratio, and the median of the pairs' ratios:
// OpenBLAS's time by ours.
func versus(w io.Writer, c clock, path string, pairs int, sizes []size) error {
	if path == "auto" {
		path = ""
	}
	lib, err := openblas.Open(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "ours on level %v; %s (%s); one thread, %d pairs\n\n", simd.Active(), lib.Config(), lib.Path(),
		pairs)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "product\tOpenBLAS µs\tours µs\tours GFLOP/s\tratio\tmedian ratio\t")
	for _, s := range sizes {
		for _, form := range []string{"nn", "tn", "nt", "tt"} {
			duel(t, c, "float32", form, s, pairs, lib.Sgemm, lin.Gemm[float32])
		}
	}
	for _, s := range sizes {
		for _, form := range []string{"nn", "tn", "nt", "tt"} {
			duel(t, c, "float64", form, s, pairs, lib.Dgemm, lin.Gemm[float64])
		}
	}
	return t.Flush()
}

// duelFlops is the operations that one timing of a duel has at least: products of a
// microsecond are run many times.
const duelFlops = 1e7

// duel prints a line of versus.
func duel[T simd.Float](w io.Writer, c clock, name, form string, s size, pairs int,
	theirs func(tA, tB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int),
	ours func(p *par.Pool, tA, tB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)) {
	a, b, out := make([]T, s.m*s.k), make([]T, s.k*s.n), make([]T, s.m*s.n)
	for i := range a {
		a[i] = T(i%7+1) / 8
	}
	for i := range b {
		b[i] = T(i%5+1) / 8
	}
	tA, tB, lda, ldb := form[0] == 't', form[1] == 't', s.k, s.n
	if tA {
		lda = s.m
	}
	if tB {
		ldb = s.k
	}
	flops := 2 * float64(s.m) * float64(s.k) * float64(s.n)
	times := max(1, int(duelFlops/flops))
	run := func(f func()) float64 {
		return c.least(1, func() {
			for range times {
				f()
			}
		}) / float64(times)
	}
	ratios := make([]float64, pairs)
	their, our := math.Inf(1), math.Inf(1)
	for i := range ratios {
		x := run(func() { theirs(tA, tB, s.m, s.n, s.k, 1, a, lda, b, ldb, 0, out, s.n) })
		y := run(func() { ours(nil, tA, tB, s.m, s.n, s.k, 1, a, lda, b, ldb, 0, out, s.n) })
		ratios[i], their, our = x/y, min(their, x), min(our, y)
	}
	slices.Sort(ratios)
	fmt.Fprintf(w, "%s %s %v\t%.3f\t%.3f\t%.1f\t%.2f\t%.2f\t\n", name, form, s, their*1e6, our*1e6, flops/our/1e9,
		their/our, ratios[pairs/2])
}
