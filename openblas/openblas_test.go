package openblas_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/openblas"
)

// open returns the library of this machine, or nil where there is none: then only
// what happens without one can be tested. With WHITEBOX_REQUIRE=openblas that is
// an error.
func open(t *testing.T) *openblas.Library {
	l, err := openblas.Open("")
	if err != nil {
		require.NotEqual(t, "openblas", os.Getenv("WHITEBOX_REQUIRE"), "%v", err)
		require.ErrorIs(t, err, openblas.ErrUnavailable)
		require.ErrorContains(t, err, "install OpenBLAS")
		t.Logf("not tested here: %v", err)
	}
	return l
}

func TestWhatIsNotOpenBLASIsRefused(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "libopenblas.so.0")
	require.NoError(t, os.WriteFile(junk, []byte("no library"), 0o600))
	for _, path := range []string{junk, junk + ".gone"} {
		_, err := openblas.Open(path)
		require.ErrorIs(t, err, openblas.ErrUnavailable)
		require.ErrorContains(t, err, path)
	}
	if _, err := openblas.Open("libc.so.6"); err != nil { // a library, where there is one of that name
		require.ErrorIs(t, err, openblas.ErrUnavailable)
	} else {
		t.Fatal("the C library is no OpenBLAS")
	}
}

// TestProductsAreThoseOfOurKernels compares on integers, whose sums are exact: all
// forms, leading dimensions, α, β and epilogues, with the same bits on any number
// of workers.
func TestProductsAreThoseOfOurKernels(t *testing.T) {
	l := open(t)
	if l == nil {
		return
	}
	require.Contains(t, l.Config(), "OpenBLAS")
	require.NotEmpty(t, l.Path())
	defer lin.Use(nil)
	t.Run("float32", products[float32](l))
	t.Run("float64", products[float64](l))
}

func products[T float32 | float64](l *openblas.Library) func(t *testing.T) {
	return func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		draw := func(n int) []T {
			x := make([]T, n)
			for i := range x {
				x[i] = T(r.IntN(9) - 4)
			}
			return x
		}
		two := par.New(2)
		defer two.Close()
		for _, s := range [][3]int{{5, 7, 3}, {130, 70, 90}, {300, 41, 65}} {
			for trans := range 4 {
				transA, transB := trans&1 != 0, trans&2 != 0
				m, n, k := s[0], s[1], s[2]
				lda, ldb, ldc := k+1, n+2, n+3
				if transA {
					lda = m + 1
				}
				if transB {
					ldb = k + 2
				}
				a, b, c := draw(max(m, k)*lda), draw(max(n, k)*ldb), draw(m*ldc)
				e := lin.Epilogue[T]{Bias: draw(n), ReLU: true}
				lin.Use(nil)
				want := append([]T(nil), c...)
				lin.GemmThen(two, transA, transB, m, n, k, 2, a, lda, b, ldb, -1, want, ldc, e)
				lin.Use(l)
				for _, p := range []*par.Pool{nil, two} {
					got := append([]T(nil), c...)
					lin.GemmThen(p, transA, transB, m, n, k, 2, a, lda, b, ldb, -1, got, ldc, e)
					require.Equal(t, want, got, "%v transA %t transB %t", s, transA, transB)
				}
			}
		}
	}
}

// TestUseSendsLargeProducts: the library is asked, and nothing is allocated.
func TestUseSendsLargeProducts(t *testing.T) {
	l := open(t)
	if l == nil {
		return
	}
	defer lin.Use(nil)
	const n = 128
	x, c := make([]float32, n*n), make([]float32, n*n)
	spy := &counter{Library: l}
	lin.Use(spy)
	require.Equal(t, lin.BLAS(spy), lin.Chosen())
	lin.Gemm(nil, false, false, n, n, n, 1, x, n, x, n, 0, c, n)
	require.Equal(t, n, spy.rows)
	lin.Use(l)
	require.Zero(t, testing.AllocsPerRun(20, func() { lin.Gemm(nil, false, true, n, n, n, 1, x, n, x, n, 0, c, n) }))
	lin.Use(nil)
	require.Nil(t, lin.Chosen())
}

// counter counts the rows asked for.
type counter struct {
	*openblas.Library
	rows int
}

func (s *counter) Sgemm(
	transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32,
	c []float32, ldc int,
) {
	s.rows += m
	s.Library.Sgemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// A call that C could not notice to be wrong leaves NaN, and nothing else changes.
func TestShortSlicesGiveNaN(t *testing.T) {
	l := open(t)
	if l == nil {
		return
	}
	x := make([]float64, 100)
	for name, call := range map[string]func(c []float64){
		"a is short":          func(c []float64) { l.Dgemm(false, false, 10, 10, 10, 1, x[:99], 10, x, 10, 0, c, 10) },
		"b is short":          func(c []float64) { l.Dgemm(true, true, 10, 10, 10, 1, x, 10, x[:99], 10, 0, c, 10) },
		"c is short":          func(c []float64) { l.Dgemm(false, false, 10, 10, 10, 1, x, 10, x, 10, 0, c[:99], 10) },
		"a negative distance": func(c []float64) { l.Dgemm(false, false, 10, 10, 10, 1, x, -10, x, 10, 0, c, 10) },
		"an overflow": func(c []float64) {
			l.Dgemm(false, false, math.MaxInt, 10, 10, 1, x, 10, x, math.MaxInt,
				0, c, 10)
		},
		"no library": func(c []float64) {
			new(openblas.Library).Dgemm(false, false, 10, 10, 10, 1, x, 10, x,
				10, 0, c, 10)
		},
	} {
		c := make([]float64, 100)
		call(c)
		for i := range c[:99] {
			require.True(t, math.IsNaN(c[i]), "%s: element %d is %v", name, i, c[i])
		}
	}
}
