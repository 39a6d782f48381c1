package sparse_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// exactSimplex projects onto Σ u = sum, u ≥ 0, in 3000 bits.
func exactSimplex(v []float64, sum float64) []float64 {
	num := func(x float64) *big.Float { return new(big.Float).SetPrec(3000).SetFloat64(x) }
	if sum == 0 {
		return make([]float64, len(v))
	}
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	above, theta := num(0), num(0)
	for k := 1; k <= len(v); k++ {
		x := num(sorted[len(v)-k])
		above.Add(above, x)
		t := new(big.Float).Quo(new(big.Float).Sub(above, num(sum)), num(float64(k)))
		if x.Cmp(t) <= 0 {
			break
		}
		theta = t
	}
	out := make([]float64, len(v))
	for j, x := range v {
		if d := new(big.Float).Sub(num(x), theta); d.Sign() > 0 {
			out[j], _ = d.Float64()
		}
	}
	return out
}

// TestProjectionsAreExactAtAnyScale compares the simplex and the balls with long
// arithmetic, for vectors and radii of any magnitude.
func TestProjectionsAreExactAtAnyScale(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, size := range []float64{1e-310, 1e-160, 1e-20, 1, 1e20, 1e160, 1e307} {
		for _, radius := range []float64{0, 1e-310, 1e-160, 1e-20, 1, 1e20, 1e160, 1e300} {
			v := []float64{3 * size, -4 * size}
			for range 6 {
				v = append(v, size*r.NormFloat64())
			}
			a, u := make([]float64, len(v)), make([]float64, len(v))
			inside, norm := num2(0), num2(0)
			for j, x := range v {
				a[j] = math.Abs(x)
				inside.Add(inside, num2(a[j]))
				norm.Add(norm, new(big.Float).Mul(num2(x), num2(x)))
			}
			name := fmt.Sprint(size, " onto ", radius)
			sparse.L1Ball{Radius: radius}.Prox(u, v, 1)
			want := exactSimplex(a, radius)
			for j := range want {
				if want[j] = math.Copysign(want[j], v[j]); inside.Cmp(num2(radius)) <= 0 {
					want[j] = v[j]
				}
			}
			equal(t, "ℓ₁ ball, "+name, want, u, radius)
			norm.Sqrt(norm)
			sparse.L2Ball{Radius: radius}.Prox(u, v, 1)
			for j, x := range v {
				if want[j] = x; norm.Cmp(num2(radius)) > 0 {
					want[j], _ = new(big.Float).Quo(new(big.Float).Mul(num2(x), num2(radius)), norm).Float64()
				}
			}
			equal(t, "ℓ₂ ball, "+name, want, u, radius)
			if radius > 0 {
				sparse.Simplex{Sum: radius}.Prox(u, v, 1)
				equal(t, "simplex, "+name, exactSimplex(v, radius), u, radius)
			}
			sparse.Box{Lo: -radius, Hi: radius}.Prox(u, v, 1)
			for j, x := range v {
				want[j] = math.Max(-radius, math.Min(x, radius))
			}
			require.Equal(t, want, u, "box, %s", name)
		}
	}
	u := []float64{3, -4}
	sparse.L1Ball{}.Prox(u, u, 1)
	require.Equal(t, []float64{0, 0}, u)
	sparse.L1Ball{Radius: 1e-20}.Prox(u, []float64{3, -4}, 1)
	require.Equal(t, []float64{0, -1e-20}, u)
	for _, g := range []sparse.Smooth{sparse.L1Ball{}} {
		g.Derivative(u, []float64{0, 0}, []float64{1, 2}, 1)
		require.Equal(t, []float64{0, 0}, u, "the projection onto a point is constant")
	}
}

func num2(x float64) *big.Float { return new(big.Float).SetPrec(3000).SetFloat64(x) }

// equal compares to rounding of the result, which is of the size of the radius or below.
func equal(t *testing.T, what string, want, got []float64, radius float64) {
	t.Helper()
	most := math.SmallestNonzeroFloat64
	for _, w := range want {
		most = max(most, math.Abs(w))
	}
	for j := range want {
		require.LessOrEqual(t, math.Abs(got[j]-want[j]), 1e-14*most+8*math.SmallestNonzeroFloat64,
			"%s, element %d: %v, want %v", what, j, got[j], want[j])
	}
}

// TestEveryPenaltyEndsOnWhatIsNotFinite calls all functions of all penalties with NaN and
// infinities: they end, and what comes out of a NaN shows it or is a set's own.
func TestEveryPenaltyEndsOnWhatIsNotFinite(t *testing.T) {
	penalties := []sparse.Smooth{
		sparse.L1{}, sparse.L1{Weights: []float64{0, 1, 1, 2, 1, 1}}, sparse.NonNegativeL1{}, sparse.ElasticNet{Mu: 1},
		sparse.SquaredL2{}, sparse.L0{},
		sparse.TopK{K: 2}, sparse.Simplex{}, sparse.L1Ball{Radius: 1}, sparse.L2Ball{Radius: 1},
		sparse.Box{Lo: -1, Hi: 1},
		sparse.GroupL1{Size: 3}, sparse.Nuclear{Rows: 2, Cols: 3}, sparse.TV{}, sparse.TV2{Rows: 2, Cols: 3},
	}
	for _, g := range penalties {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, tau := range []float64{0.5, 0, math.Inf(1), math.NaN()} {
				for at := range 6 {
					done := make(chan []float64, 1)
					go func() {
						v := []float64{1, -2, 3, 0, 5, -1}
						v[at] = bad
						u, d := make([]float64, 6), make([]float64, 6)
						g.Prox(u, v, tau)
						g.Derivative(d, v, []float64{1, 2, 3, 4, 5, 6}, tau)
						sparse.DerivativeByTau(g, d, v, tau)
						g.Value(v)
						done <- u
					}()
					select {
					case u := <-done:
						if math.IsNaN(bad) && tau == 0.5 {
							require.True(t, math.IsNaN(u[at]) || fmt.Sprintf("%T", g) == "sparse.TopK", "%T: %v", g, u)
						}
					case <-time.After(10 * time.Second):
						t.Fatalf("%T does not end on %v at %d with τ = %v", g, bad, at, tau)
					}
				}
			}
		}
	}
}

// TestTotalVariationOfLargeNumbers has sums beyond float64.
func TestTotalVariationOfLargeNumbers(t *testing.T) {
	v := []float64{1, 2, -3, 5, 5, 4}
	small, large := make([]float64, 6), make([]float64, 6)
	sparse.TV{}.Prox(small, v, 0.75)
	scaled := slices.Clone(v)
	for j := range scaled {
		scaled[j] *= 0x1p1021
	}
	sparse.TV{}.Prox(large, scaled, 0.75*0x1p1021)
	for j := range small {
		require.InDelta(t, small[j], large[j]/0x1p1021, 1e-14)
	}
}

// TestLipschitzAtEveryScale scales a matrix, all of it and some columns, by powers of 2:
// ‖A‖² then is scaled exactly, or an error where float64 ends.
func TestLipschitzAtEveryScale(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, shape := range [][2]int{{8, 5}, {5, 8}, {300, 270}} {
		base := mat.NewDense(shape[0], shape[1], nil)
		base.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, base)
		want, err := sparse.Lipschitz(operator(t, base))
		require.NoError(t, err)
		for _, e := range []int{-530, -505, -400, -204, -203, -60, 60, 253, 300, 400, 500, 505, 530} {
			a := mat.NewDense(shape[0], shape[1], nil)
			a.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, e) }, base)
			l, err := sparse.Lipschitz(operator(t, a))
			if math.Abs(float64(e)) > 510 {
				require.ErrorIs(t, err, sparse.ErrInput, "2^%d", e)
				require.ErrorContains(t, err, "scale A")
				continue
			}
			require.NoError(t, err, "2^%d", e)
			require.InEpsilon(t, want, math.Ldexp(l, -2*e), 1e-12, "2^%d", e)
		}
		for _, e := range []int{-166, -203, -206, -210, -330, -1000} {
			a := mat.DenseCopyOf(base)
			some := mat.DenseCopyOf(base)
			for j := 3; j < shape[1]; j++ {
				for i := range shape[0] {
					a.Set(i, j, math.Ldexp(a.At(i, j), e))
				}
			}
			some = mat.DenseCopyOf(some.Slice(0, shape[0], 0, 3))
			want, err := sparse.Lipschitz(operator(t, some))
			require.NoError(t, err)
			l, err := sparse.Lipschitz(operator(t, a))
			require.NoError(t, err)
			require.InEpsilon(t, want, l, 2e-3, "all but 3 columns at 2^%d", e)
		}
	}
}

// TestSolversAtEveryScaleOfTheMatrix: with A·s and x, codes are z/s for λ·s.
func TestSolversAtEveryScaleOfTheMatrix(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 8))
	base := mat.NewDense(6, 9, nil)
	base.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, base)
	x := mat.NewDense(2, 6, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
	solve := func(s sparse.Solver, a *mat.Dense) *sparse.Solution {
		z, err := s.Solve(sparse.Problem{A: operator(t, a), X: x, Lambda: 0.2, Relative: true})
		require.NoError(t, err)
		return z
	}
	for _, s := range []sparse.Solver{sparse.ISTA{Stop: sparse.Stop{Gap: 1e-9, MaxIter: 20000}},
		sparse.FISTA{Stop: sparse.Stop{Gap: 1e-9, MaxIter: 20000}}} {
		want := solve(s, base)
		for _, e := range []int{-450, -210, 210, 450} {
			a := mat.NewDense(6, 9, nil)
			a.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, e) }, base)
			got := solve(s, a)
			for i := range 2 {
				require.True(t, got.Converged[i])
				for j := range 9 {
					require.InDelta(t, want.Z.At(i, j), math.Ldexp(got.Z.At(i, j), e), 1e-9)
				}
			}
		}
	}
}

// TestWeightsOfZero checks λ_max, gaps and solutions where some coefficients are not
// penalised, by the conditions of optimality.
func TestWeightsOfZero(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	a := mat.NewDense(7, 5, nil)
	a.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, a)
	a.SetCol(4, mat.Col(nil, 0, a)) // a free column twice
	x := mat.NewDense(2, 7, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
	solver := sparse.FISTA{Stop: sparse.Stop{Gap: 1e-13, MaxIter: 100000}, Restart: sparse.GradientRestart}
	for _, weights := range [][]float64{{0, 1, 1, 2, 0}, {0, 1, 0, 1, 3}, {0, 0, 0, 0, 0}} {
		p := sparse.Problem{A: operator(t, a), X: x, Penalty: sparse.L1{Weights: weights}, Relative: true}
		most, err := p.LambdaMax()
		require.NoError(t, err)
		for _, share := range []float64{1.0001, 0.9, 0.3} {
			p.Lambda = share
			z, err := solver.Solve(p)
			require.NoError(t, err)
			for i := range 2 {
				require.True(t, z.Converged[i], "%v", weights)
				require.Equal(t, share*most[i], z.Lambda[i])
				require.GreaterOrEqual(t, z.Gap[i], -1e-14, "rounding of ½‖x‖²")
				var r, c mat.VecDense
				r.MulVec(a, z.Z.RowView(i))
				r.SubVec(x.RowView(i), &r)
				c.MulVec(a.T(), &r)
				penalised := 0
				for j, w := range weights {
					require.LessOrEqual(t, math.Abs(c.AtVec(j)), w*z.Lambda[i]+1e-5, "weights %v, column %d", weights,
						j)
					if w > 0 && z.Z.At(i, j) != 0 {
						penalised++
					}
				}
				require.Equal(t, share < 1 && most[i] > 0, penalised > 0,
					"λ_max is where the first penalised one enters")
			}
		}
	}
	_, err := sparse.Problem{A: operator(t, a), X: x,
		Penalty: sparse.L1{Weights: []float64{1e-320, 1, 1, 1, 1}}}.LambdaMax()
	require.ErrorIs(t, err, sparse.ErrInput)
}

// TestSamplesWhoseSquaresAreOutOfRange: F would be 0 or infinite, and any code a solution.
func TestSamplesWhoseSquaresAreOutOfRange(t *testing.T) {
	a := operator(t, mat.NewDense(2, 3, []float64{1, 0, 0.6, 0, 1, 0.8}))
	for _, scale := range []float64{1e-160, 1e160} {
		x := mat.NewDense(2, 2, []float64{1, 2, scale, -scale})
		for _, s := range []sparse.Solver{sparse.ISTA{}, sparse.FISTA{}} {
			_, err := s.Solve(sparse.Problem{A: a, X: x, Lambda: 0.1, Relative: true})
			require.ErrorIs(t, err, sparse.ErrInput)
			require.ErrorContains(t, err, "sample 1 has the norm 1.41e")
		}
	}
	for _, scale := range []float64{1e-160, 1e160} {
		x := mat.NewDense(3, 2, []float64{scale, 0, scale, -scale, 0, scale})
		_, err := sparse.OMP{Sparsity: 1}.Solve(a, x)
		require.ErrorIs(t, err, sparse.ErrInput)
		_, err = sparse.IHT{Sparsity: 1}.Solve(a, x)
		require.ErrorIs(t, err, sparse.ErrInput)
		_, err = sparse.KSVD{Learning: sparse.Learning{Atoms: 2}, Sparsity: 1}.Learn(x)
		require.ErrorIs(t, err, sparse.ErrInput)
		require.ErrorContains(t, err, "float64 does not hold its square: scale the samples")
	}
	z, err := sparse.FISTA{}.Solve(sparse.Problem{A: a, X: mat.NewDense(1, 2, nil), Lambda: 0.1, Relative: true})
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0, 0}, z.Z.RawRowView(0))
}
