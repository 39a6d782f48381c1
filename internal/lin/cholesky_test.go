package lin_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// orders returns sizes of matrices; with -test.short those that an emulated processor
// has the time for.
func orders() []int {
	all := []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 24, 25, 40, 64, 97, 128, 131, 300}
	if testing.Short() {
		return all[:len(all)-1]
	}
	return all
}

// spd returns I + ZᵀZ/n for a normal 2n×n Z, by three loops, in rows of ld.
func spd(r *rand.Rand, n, ld int) []float64 {
	z := normal[float64](r, 2*n*n)
	a := make([]float64, n*ld)
	for l := range 2 * n {
		row := z[l*n : (l+1)*n]
		for i, v := range row {
			for j, w := range row {
				a[i*ld+j] += v * w / float64(n)
			}
		}
	}
	for i := range n {
		a[i*ld+i]++
	}
	return a
}

func maxAbs(x []float64) (m float64) {
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// TestCholeskyFactorsItsMatrix checks the backward error |LLᵀ − A| ≤ (n+1)u·|L||Lᵀ|
// (Higham, Accuracy and Stability, thm 10.3), with |L||Lᵀ| ≤ max aᵢᵢ, and twice that
// for the reciprocals of the diagonal.
func TestCholeskyFactorsItsMatrix(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		pools := workers(t)
		for _, n := range orders() {
			ld := n + 3
			a := spd(r, n, ld)
			var first []float64
			for _, p := range pools {
				l := append([]float64(nil), a...)
				for i := range n {
					for j := i + 1; j < n; j++ {
						l[i*ld+j] = math.NaN() // not to be read
					}
				}
				require.NoError(t, lin.Cholesky(p, n, l, ld))
				tol := 2 * float64(n+1) * 0x1p-53 * maxAbs(a)
				for i := range n {
					for j := range n {
						var s float64
						for k := range n { // the zeros above the diagonal too
							s += l[i*ld+k] * l[j*ld+k]
						}
						require.InDelta(t, a[i*ld+j], s, tol, "n=%d at %d, %d", n, i, j)
					}
					for j := i + 1; j < n; j++ {
						require.Zero(t, l[i*ld+j])
					}
				}
				if first == nil {
					first = l
				}
				require.Equal(t, first, l, "%d workers", p.Workers())
			}
		}
	})
}

func TestLogDetAndSolveAgreeWithGonum(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		pools := workers(t)
		for _, n := range orders()[1:] {
			a := spd(r, n, n)
			var peer mat.Cholesky
			require.True(t, peer.Factorize(mat.NewSymDense(n, a)))
			l := append([]float64(nil), a...)
			require.NoError(t, lin.Cholesky(nil, n, l, n))
			require.InEpsilon(t, peer.LogDet(), lin.LogDet(n, l, n), 1e-13)

			for _, nrhs := range []int{1, 23, 24, 50} {
				ldb := nrhs + 1
				b := normal[float64](r, n*ldb)
				var want mat.Dense
				rhs := mat.NewDense(n, nrhs, nil)
				for i := range n {
					rhs.SetRow(i, b[i*ldb:i*ldb+nrhs])
				}
				require.NoError(t, peer.SolveTo(&want, rhs))
				for _, p := range pools {
					x := append([]float64(nil), b...)
					lin.CholSolve(p, n, nrhs, l, n, x, ldb)
					for i := range n {
						for j := range nrhs {
							require.InDelta(t, want.At(i, j), x[i*ldb+j], 1e-13*float64(n), "n=%d nrhs=%d", n, nrhs)
						}
						require.Equal(t, b[i*ldb+nrhs], x[i*ldb+nrhs], "what lies between the rows is kept")
					}
				}
			}
		}
	})
}

func TestCholInverseIsTheSymmetricInverse(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		pools := workers(t)
		for _, n := range orders()[1:] {
			a := spd(r, n, n)
			l := append([]float64(nil), a...)
			require.NoError(t, lin.Cholesky(nil, n, l, n))
			for i := range n {
				for j := i + 1; j < n; j++ {
					l[i*n+j] = math.NaN() // not to be read
				}
			}
			var first []float64
			for _, p := range pools {
				ld := n + 2
				inv, id := make([]float64, n*ld), make([]float64, n*n)
				lin.CholInverse(p, n, l, n, inv, ld)
				lin.Gemm(nil, false, false, n, n, n, 1, a, n, inv, ld, 0, id, n)
				for i := range n {
					id[i*n+i]--
					for j := range i {
						require.Equal(t, inv[i*ld+j], inv[j*ld+i])
					}
				}
				// ‖A‖·‖A⁻¹‖ is at most 1 + ‖Z‖²/n < 8 here.
				require.Less(t, maxAbs(id), 8*float64(n)*0x1p-53+1e-15, "n=%d", n)
				if first == nil {
					first = inv
				}
				require.Equal(t, first, inv)
			}
		}
	})
}

// TestLogDetOfIllConditionedMatrices takes A = LLᵀ with a known L: its log-det is
// that of the diagonal, and the relative change of a pivot of size d by errors of
// size u·‖A‖ is u·‖A‖/d².
func TestLogDetOfIllConditionedMatrices(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		const n = 60
		for _, decades := range []float64{2, 4, 6} {
			l, a := make([]float64, n*n), make([]float64, n*n)
			var want float64
			for i := range n {
				d := math.Pow(10, -decades*float64(i)/(n-1))
				for j := range i {
					l[i*n+j] = d * r.NormFloat64() / math.Sqrt(n)
				}
				l[i*n+i] = d
				want += 2 * math.Log(d)
			}
			lin.Gemm(nil, false, true, n, n, n, 1, l, n, l, n, 0, a, n)
			require.NoError(t, lin.Cholesky(nil, n, a, n))
			// Rows are scaled by d: the factor is backward stable row by row
			// (van der Sluis), and the condition is that of the scaled matrix.
			require.InEpsilon(t, want, lin.LogDet(n, a, n), 1e-11, "condition 1e%g", 2*decades)
		}
	})
}

func TestCholeskyNamesTheBadPivot(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for _, n := range []int{1, 8, 9, 100} {
			for _, at := range []int{0, n / 2, n - 1} {
				for value, want := range map[float64]error{
					-1: lin.ErrNotPositiveDefinite, 0: lin.ErrNotPositiveDefinite,
					math.Inf(1): lin.ErrNotFinite, math.Inf(-1): lin.ErrNotFinite,
				} {
					a := spd(r, n, n)
					a[at*n+at] = value
					err := lin.Cholesky(nil, n, a, n)
					require.ErrorIs(t, err, want)
					require.ErrorContains(t, err, fmt.Sprintf("order %d: pivot %d", n, at))
				}
				a := spd(r, n, n)
				a[at*n] = math.NaN() // in the first column
				require.ErrorIs(t, lin.Cholesky(nil, n, a, n), lin.ErrNotFinite)
			}
		}
	})
}

// TestSingularMatricesAreRefused: the 3×3 matrix of ones has rank 1 exactly.
func TestSingularMatricesAreRefused(t *testing.T) {
	ones := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1}
	require.ErrorIs(t, lin.Cholesky(nil, 3, ones, 3), lin.ErrNotPositiveDefinite)
}

func TestFactorsAndSolvesAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	const n = 130
	a := spd(r, n, n)
	l, inv := make([]float64, n*n), make([]float64, n*n)
	for _, p := range workers(t) {
		require.Zero(t, testing.AllocsPerRun(20, func() {
			copy(l, a)
			if lin.Cholesky(p, n, l, n) != nil {
				t.Fatal("not positive definite")
			}
			lin.CholInverse(p, n, l, n, inv, n)
			lin.CholSolve(p, n, n, l, n, inv, n)
		}))
	}
}
