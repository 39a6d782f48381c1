package lin_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestSyrkIsTheSymmetricProduct compares with three loops on integers, exactly.
func TestSyrkIsTheSymmetricProduct(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", syrkIsTheProduct[float32])
		t.Run("float64", syrkIsTheProduct[float64])
	})
}

func syrkIsTheProduct[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i, s := range [][2]int{{0, 3}, {3, 0}, {1, 1}, {5, 2}, {24, 24}, {25, 23}, {100, 7}, {7, 100}, {131, 40},
		{65, 650}} {
		for _, trans := range []bool{false, true} {
			n, k := s[0], s[1]
			lda, rows, si, sl := k+2, n, k+2, 1
			if trans {
				lda, rows, si, sl = n+2, k, 1, n+2
			}
			alpha, beta, ldc := T(2), T(i%3-1), n+1
			a, c := integers[T](r, rows*lda), integers[T](r, n*ldc)
			want := append([]T(nil), c...)
			for i := range n {
				for j := range i + 1 {
					var sum T
					for l := range k {
						sum += a[i*si+l*sl] * a[j*si+l*sl]
					}
					want[i*ldc+j] = alpha*sum + beta*c[i*ldc+j]
					want[j*ldc+i] = want[i*ldc+j]
				}
			}
			for i := range n {
				for j := i + 1; j < n; j++ {
					c[i*ldc+j] = T(math.NaN()) // not to be read
				}
			}
			for _, p := range workers(t) {
				got := append([]T(nil), c...)
				lin.Syrk(p, trans, n, k, alpha, a, lda, beta, got, ldc)
				require.Equal(t, want, got, "%v trans %t workers %d", s, trans, p.Workers())
			}
		}
	}
}

// TestTrsmUndoesTheProduct multiplies X by a triangle and divides again, in all
// four forms. The diagonal dominates, so the error stays near the rounding.
func TestTrsmUndoesTheProduct(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { trsmUndoes[float32](t, 0x1p-22) })
		t.Run("float64", func(t *testing.T) { trsmUndoes[float64](t, 0x1p-49) })
	})
}

func trsmUndoes[T simd.Float](t *testing.T, tol float64) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 7, 8, 9, 40, 131} {
		ldl := n + 1
		l := normal[float64](r, n*ldl)
		for i := range n {
			for j := range n {
				l[i*ldl+j] /= float64(n)
				if j > i {
					l[i*ldl+j] = math.NaN() // not to be read
				}
			}
			l[i*ldl+i] = 1 + r.Float64()
		}
		at := func(i, j int, trans bool) float64 {
			if trans {
				i, j = j, i
			}
			if j > i {
				return 0
			}
			return l[i*ldl+j]
		}
		for _, m := range []int{1, 23, 50} {
			for form := range 4 {
				right, trans := form&1 != 0, form&2 != 0
				rows, cols := n, m
				if right {
					rows, cols = m, n
				}
				ldb := cols + 2
				x := normal[T](r, rows*ldb)
				b := append([]T(nil), x...)
				for i := range rows {
					for j := range cols {
						sum := 0.0
						for q := range n {
							if right {
								sum += float64(x[i*ldb+q]) * at(q, j, trans)
							} else {
								sum += at(i, q, trans) * float64(x[q*ldb+j])
							}
						}
						b[i*ldb+j] = T(sum)
					}
				}
				var first []T
				for _, p := range workers(t) {
					got := append([]T(nil), b...)
					lin.Trsm(p, right, trans, n, m, l, ldl, got, ldb)
					for i := range got {
						if i%ldb >= cols {
							require.Equal(t, x[i], got[i], "what lies between the rows is kept")
						} else {
							require.InDelta(t, x[i], got[i], 8*tol, "n=%d m=%d right %t trans %t", n, m, right, trans)
						}
					}
					if first == nil {
						first = got
					}
					require.Equal(t, first, got)
				}
			}
		}
	}
}

// TestFloat32SystemsAreRoundedFloat64Ones: the right-hand side is widened, and only
// the solution is rounded.
func TestFloat32SystemsAreRoundedFloat64Ones(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		const n, m = 40, 30
		l := spd(r, n, n)
		require.NoError(t, lin.Cholesky(nil, n, l, n))
		b32, b64 := normal[float32](r, n*m), make([]float64, n*m)
		inv32, inv64 := make([]float32, n*n), make([]float64, n*n)
		simd.Copy(b64, m, b32, m, n, m)
		lin.CholSolve(nil, n, m, l, n, b32, m)
		lin.CholSolve(nil, n, m, l, n, b64, m)
		lin.CholInverse(nil, n, l, n, inv32, n)
		lin.CholInverse(nil, n, l, n, inv64, n)
		for i, v := range b64 {
			require.Equal(t, float32(v), b32[i])
		}
		for i, v := range inv64 {
			require.Equal(t, float32(v), inv32[i])
		}
	})
}
