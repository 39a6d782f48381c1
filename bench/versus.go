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

// versus times products of square matrices of the orders sizes, ours and those of the
// OpenBLAS at path, in turn and on one thread each: float32 and float64, each operand
// as it is and transposed. It prints the least times of so many pairs of runs, their
// ratio, and the median of the pairs' ratios: OpenBLAS's time by ours.
func versus(w io.Writer, c clock, path string, pairs int, sizes []int) error {
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
	fmt.Fprintln(t, "product\tOpenBLAS ms\tours ms\tours GFLOP/s\tratio\tmedian ratio\t")
	for _, n := range sizes {
		for _, form := range []string{"nn", "tn", "nt", "tt"} {
			duel(t, c, "float32", form, n, pairs, lib.Sgemm, lin.Gemm[float32])
		}
	}
	for _, n := range sizes {
		for _, form := range []string{"nn", "tn", "nt", "tt"} {
			duel(t, c, "float64", form, n, pairs, lib.Dgemm, lin.Gemm[float64])
		}
	}
	return t.Flush()
}

// duel prints a line of versus.
func duel[T simd.Float](w io.Writer, c clock, name, form string, n, pairs int,
	theirs func(tA, tB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int),
	ours func(p *par.Pool, tA, tB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)) {
	a, b, out := make([]T, n*n), make([]T, n*n), make([]T, n*n)
	for i := range a {
		a[i], b[i] = T(i%7+1)/8, T(i%5+1)/8
	}
	tA, tB := form[0] == 't', form[1] == 't'
	ratios := make([]float64, pairs)
	their, our := math.Inf(1), math.Inf(1)
	for i := range ratios {
		x := c.least(1, func() { theirs(tA, tB, n, n, n, 1, a, n, b, n, 0, out, n) })
		y := c.least(1, func() { ours(nil, tA, tB, n, n, n, 1, a, n, b, n, 0, out, n) })
		ratios[i], their, our = x/y, min(their, x), min(our, y)
	}
	slices.Sort(ratios)
	flops := 2 * math.Pow(float64(n), 3)
	fmt.Fprintf(w, "%s %s %d\t%.3f\t%.3f\t%.1f\t%.2f\t%.2f\t\n", name, form, n, their*1e3, our*1e3, flops/our/1e9,
		their/our, ratios[pairs/2])
}
