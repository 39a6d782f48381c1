package openblas_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/openblas"
)

// TestDecompositionsAreThoseOfLAPACK has the decompositions of a library that was chosen as
// exact as LAPACK's own tests want them, in both types, with rows apart, tall and wide. Their
// bits are not those of our own: it is used.
func TestDecompositionsAreThoseOfLAPACK(t *testing.T) {
	l := open(t)
	if l == nil {
		return
	}
	defer lin.Use(nil)
	t.Run("float32", func(t *testing.T) { decompositions[float32](t, l, 0x1p-24) })
	t.Run("float64", func(t *testing.T) { decompositions[float64](t, l, 0x1p-53) })
}

func decompositions[T float32 | float64](t *testing.T, l *openblas.Library, unit float64) {
	for _, s := range [][2]int{{70, 70}, {130, 90}, {90, 130}} {
		m, n := s[0], s[1]
		k, lda := min(m, n), n+3
		tol := 30 * float64(max(m, n)) * unit * math.Sqrt(float64(m*n))
		r, a := rand.New(rand.NewPCG(1, uint64(m))), make([]T, m*lda)
		for i := range a {
			a[i] = T(r.NormFloat64())
		}
		var svd lin.Singular[T]
		var qr lin.Orthogonal[T]
		var eigen lin.Symmetric[T]
		solve := func() (u, vt, q, upper, vectors []T) {
			values := make([]T, k)
			u, vt = make([]T, m*k), make([]T, k*n)
			require.NoError(t, svd.Solve(nil, m, n, a, lda, values, u, k, vt, n))
			left := append([]T(nil), u...)
			for i := range left {
				left[i] *= values[i%k]
			}
			rest(t, m, n, k, a, lda, left, vt, tol)

			upper, q = append([]T(nil), a...), make([]T, m*k)
			require.NoError(t, qr.Factor(nil, m, n, upper, lda))
			qr.Columns(nil, k, q, k)
			triangle := make([]T, k*n)
			for i := range k {
				copy(triangle[i*n+i:(i+1)*n], upper[i*lda+i:])
			}
			rest(t, m, n, k, a, lda, q, triangle, tol)

			gram := make([]T, n*n)
			lin.Gemm(nil, true, false, n, n, m, 1, a, lda, a, lda, 0, gram, n)
			all := make([]T, n)
			vectors = make([]T, n*n)
			require.NoError(t, eigen.Solve(nil, n, append([]T(nil), gram...), n, all, vectors, n))
			scaled := make([]T, n*n) // VᵀΛ
			for i := range n {
				for j := range n {
					scaled[j*n+i] = vectors[i*n+j] * all[i]
				}
			}
			rest(t, n, n, n, gram, n, scaled, vectors, tol*math.Sqrt(float64(m*n)))
			return u, vt, q, upper, vectors
		}
		lin.Use(nil)
		u, _, _, _, vectors := solve()
		lin.Use(l)
		u2, _, _, _, vectors2 := solve()
		require.NotEqual(t, u, u2)
		require.NotEqual(t, vectors, vectors2)

		var none []T
		require.NoError(t, svd.Solve(nil, m, n, a, lda, make([]T, k), none, 0, none, 0))
		a[lda] = T(math.NaN())
		require.ErrorIs(t, svd.Solve(nil, m, n, a, lda, make([]T, k), u, k, make([]T, k*n), n), lin.ErrNotFinite)
		require.ErrorIs(t, eigen.Solve(nil, k, a, lda, make([]T, k), make([]T, k*k), k), lin.ErrNotFinite)
		require.ErrorIs(t, qr.Factor(nil, m, n, a, lda), lin.ErrNotFinite)
	}
}

// rest checks that A is B C.
func rest[T float32 | float64](t *testing.T, m, n, k int, a []T, lda int, b, c []T, tol float64) {
	d := append([]T(nil), a...)
	lin.Gemm(nil, false, false, m, n, k, -1, b, k, c, n, 1, d, lda)
	for i := range m {
		for j := range n {
			require.LessOrEqual(t, math.Abs(float64(d[i*lda+j])), tol, "element %d, %d", i, j)
		}
	}
}

// TestDecompositionsOfNonsenseAreRefused: C would not notice.
func TestDecompositionsOfNonsenseAreRefused(t *testing.T) {
	libraries := []*openblas.Library{nil, {}}
	if l := open(t); l != nil {
		libraries = append(libraries, l)
	}
	x := make([]float64, 4)
	y := make([]float32, 4)
	for _, l := range libraries {
		require.False(t, l.Dsyevd(3, x, 3, x))
		require.False(t, l.Dsyevd(2, x, 1, x))
		require.False(t, l.Ssyevd(-1, y, 1, y))
		require.False(t, l.Ssyevd(2, y, 2, nil))
		require.False(t, l.Dgesdd(2, 2, x, 2, x, x, 1, x, 2))
		require.False(t, l.Dgesdd(2, 2, x, 2, x, nil, 2, x, 2))
		require.False(t, l.Sgesdd(1<<40, 1<<40, y, 1<<40, y, y, 1, y, 2))
		require.False(t, l.Sgesdd(0, 2, y, 2, y, y, 2, y, 2))
		require.False(t, l.Dgeqrf(2, 3, x, 2, x))
		require.False(t, l.Sgeqrf(2, 2, y, 2, y[:1]))
	}
}
