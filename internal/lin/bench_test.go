package lin_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// rate runs f and reports the speed.
func rate(b *testing.B, flops float64, f func()) {
	b.Helper()
	f()
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// onPools runs f on one worker and on all.
func onPools(b *testing.B, f func(b *testing.B, p *par.Pool)) {
	b.Run("one", func(b *testing.B) { f(b, nil) })
	b.Run("all", func(b *testing.B) {
		p := par.New(0)
		defer p.Close()
		f(b, p)
	})
}

func BenchmarkGemm(b *testing.B) {
	b.Run("float32", benchmarkGemm[float32])
	b.Run("float64", benchmarkGemm[float64])
}

func benchmarkGemm[T simd.Float](b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct {
		m, n, k        int
		transA, transB bool
	}{
		{8, 8, 8, false, false}, {64, 64, 32, false, false}, {64, 64, 32, false, true},
		{512, 512, 512, false, false}, {1024, 1024, 1024, false, false},
		{1024, 1024, 1024, true, false}, {1024, 1024, 1024, false, true},
		{512, 512, 784, false, true}, {512, 10, 512, false, true}, {512, 784, 512, true, false},
		{1, 512, 512, false, true},
	} {
		x, y, c := normal[T](r, s.m*s.k), normal[T](r, s.k*s.n), make([]T, s.m*s.n)
		lda, ldb, name := s.k, s.n, []byte("nn")
		if s.transA {
			lda, name[0] = s.m, 't'
		}
		if s.transB {
			ldb, name[1] = s.k, 't'
		}
		b.Run(fmt.Sprintf("%s_%dx%dx%d", name, s.m, s.n, s.k), func(b *testing.B) {
			onPools(b, func(b *testing.B, p *par.Pool) {
				rate(b, 2*float64(s.m*s.n*s.k), func() {
					lin.Gemm(p, s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, c, s.n)
				})
			})
		})
	}
}

func BenchmarkGram(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct {
		n, d int
		rows bool
	}{{1000, 128, false}, {100, 128, true}, {100, 128, false}, {4096, 512, false}, {400, 512, true}} {
		z := normal[float32](r, s.n*s.d)
		size, depth := s.d, s.n
		if s.rows {
			size, depth = s.n, s.d
		}
		g := make([]float64, size*size)
		b.Run(fmt.Sprintf("%dx%d_rows=%t", s.n, s.d, s.rows), func(b *testing.B) {
			onPools(b, func(b *testing.B, p *par.Pool) {
				rate(b, float64(size*(size+1)*depth), func() { lin.Gram(p, s.rows, s.n, s.d, 1, z, s.d, g, size) })
			})
		})
	}
}

func BenchmarkCholesky(b *testing.B) {
	benchmarkFactors(b, 1./3, func(p *par.Pool, n int, a, l, inv []float64) {
		copy(l, a)
		if err := lin.Cholesky(p, n, l, n); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkCholInverse(b *testing.B) {
	benchmarkFactors(b, 2./3, func(p *par.Pool, n int, a, l, inv []float64) { lin.CholInverse(p, n, l, n, inv, n) })
}

func BenchmarkCholSolve(b *testing.B) {
	benchmarkFactors(b, 2, func(p *par.Pool, n int, a, l, inv []float64) { lin.CholSolve(p, n, n, l, n, inv, n) })
}

// benchmarkFactors runs f, which does flops·n³ operations.
func benchmarkFactors(b *testing.B, flops float64, f func(p *par.Pool, n int, a, l, inv []float64)) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{16, 64, 128, 512, 1000} {
		a, l, inv := spd(r, n, n), make([]float64, n*n), make([]float64, n*n)
		copy(l, a)
		if err := lin.Cholesky(nil, n, l, n); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			onPools(b, func(b *testing.B, p *par.Pool) {
				rate(b, flops*float64(n*n*n), func() { f(p, n, a, l, inv) })
			})
		})
	}
}
