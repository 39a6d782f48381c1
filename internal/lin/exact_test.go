package lin_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// bits of the exact arithmetic below, in which a square keeps what is 2⁻¹⁵⁰ of the largest.
const bits = 300

func exactly(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }

func bigTimes(a, b *big.Float) *big.Float { return exactly(0).Mul(a, b) }
func bigPlus(a, b *big.Float) *big.Float  { return exactly(0).Add(a, b) }
func bigMinus(a, b *big.Float) *big.Float { return exactly(0).Sub(a, b) }
func bigOver(a, b *big.Float) *big.Float  { return exactly(0).Quo(a, b) }
func bigRoot(a *big.Float) *big.Float     { return exactly(0).Sqrt(a) }

// bigEigenvalues returns the eigenvalues of a symmetric matrix, ascending, by Jacobi's
// rotations.
func bigEigenvalues(a [][]*big.Float) []*big.Float {
	n := len(a)
	for range 14 { // the error is squared by each, at last
		for p := range n {
			for q := p + 1; q < n; q++ {
				bigRotate(a, p, q)
			}
		}
	}
	values := make([]*big.Float, n)
	for i := range n {
		values[i] = a[i][i]
	}
	slices.SortFunc(values, func(a, b *big.Float) int { return a.Cmp(b) })
	return values
}

// bigRotate makes element (p, q) 0.
func bigRotate(a [][]*big.Float, p, q int) {
	if a[p][q].Sign() == 0 {
		return
	}
	theta := bigOver(bigMinus(a[q][q], a[p][p]), bigTimes(exactly(2), a[p][q]))
	t := bigOver(exactly(1), bigPlus(exactly(0).Abs(theta), bigRoot(bigPlus(bigTimes(theta, theta), exactly(1)))))
	if theta.Sign() < 0 {
		t.Neg(t)
	}
	c := bigOver(exactly(1), bigRoot(bigPlus(bigTimes(t, t), exactly(1))))
	s := bigTimes(t, c)
	for k := range a {
		x, y := a[k][p], a[k][q]
		a[k][p], a[k][q] = bigMinus(bigTimes(c, x), bigTimes(s, y)), bigPlus(bigTimes(s, x), bigTimes(c, y))
	}
	for k := range a {
		x, y := a[p][k], a[q][k]
		a[p][k], a[q][k] = bigMinus(bigTimes(c, x), bigTimes(s, y)), bigPlus(bigTimes(s, x), bigTimes(c, y))
	}
}

// bigSquare returns AᵀA of an m×n matrix.
func bigSquare[T simd.Float](m, n int, a []T) [][]*big.Float {
	g := make([][]*big.Float, n)
	for i := range g {
		g[i] = make([]*big.Float, n)
		for j := range g[i] {
			g[i][j] = exactly(0)
			for k := range m {
				g[i][j] = bigPlus(g[i][j], bigTimes(exactly(float64(a[k*n+i])), exactly(float64(a[k*n+j]))))
			}
		}
	}
	return g
}

// TestValuesAreThoseOfExactArithmetic has eigenvalues, singular values, all and the leading
// ones, and R of small matrices of LAPACK's kinds against 300 bits, at the ends of the range of
// each type too.
func TestValuesAreThoseOfExactArithmetic(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		for name, a := range symmetricMatrices(n) {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				t.Run("float32", func(t *testing.T) { exactCases[float32](t, n, name, a, -100, 86) })
				t.Run("float64", func(t *testing.T) { exactCases[float64](t, n, name, a, -900, 880) })
			})
		}
	}
}

func exactCases[T simd.Float](t *testing.T, n int, name string, exact []float64, small, large int) {
	for _, e := range []int{0, small, large} {
		if e != 0 && (name == "huge" || name == "tiny") {
			continue
		}
		a := make([]T, n*n)
		for i, v := range exact {
			a[i] = T(math.Ldexp(float64(T(v)), e))
		}
		exactCase(t, n, a, name)
	}
}

func exactCase[T simd.Float](t *testing.T, n int, a []T, name string) {
	g := make([][]*big.Float, n)
	for i := range g {
		g[i] = make([]*big.Float, n)
		for j := range g[i] {
			g[i][j] = exactly(float64(a[max(i, j)*n+min(i, j)]))
		}
	}
	want := bigEigenvalues(g)
	first, _ := exactly(0).Abs(want[0]).Float64()
	last, _ := exactly(0).Abs(want[n-1]).Float64()
	tol := 30 * float64(n) * unit[T]() * max(first, last)
	near := func(want *big.Float, got T, what string) {
		v, _ := want.Float64()
		require.InDelta(t, v, float64(got), tol, "%s", what)
	}
	var eigen lin.Symmetric[T]
	values, vectors := make([]T, n), make([]T, n*n)
	require.NoError(t, eigen.Solve(nil, n, append([]T(nil), a...), n, values, vectors, n))
	for i, v := range values {
		near(want[i], v, "eigenvalue")
	}
	require.NoError(t, eigen.Leading(nil, n, (n+1)/2, append([]T(nil), a...), n, values, vectors, n))
	for i, v := range values[:(n+1)/2] {
		near(want[n-1-i], v, "leading eigenvalue")
	}
	squares := bigEigenvalues(bigSquare(n, n, a))
	var svd lin.Singular[T]
	var few lin.Truncated[T]
	sigma, leading := make([]T, n), make([]T, (n+1)/2)
	require.NoError(t, svd.Solve(nil, n, n, a, n, sigma, nil, 0, nil, 0))
	require.NoError(t, few.Solve(nil, n, n, len(leading), a, n, 1, leading, vectors, n))
	for i, v := range sigma {
		square := squares[n-1-i]
		if square.Sign() < 0 {
			square = exactly(0)
		}
		near(bigRoot(square), v, "singular value")
		if i < len(leading) {
			near(bigRoot(square), leading[i], "leading singular value")
		}
	}
	if name == "gauss" || name == "unit" || name == "random" || name == "even" && n%2 == 1 {
		exactTriangle(t, n, a, float64(sigma[0])/float64(sigma[n-1]))
	}
}

// exactTriangle compares R, but for signs, with the Cholesky factor of AᵀA; its error may be
// condition times as large as that of A.
func exactTriangle[T simd.Float](t *testing.T, n int, a []T, condition float64) {
	if !(condition < 1e4) {
		return
	}
	var qr lin.Orthogonal[T]
	r := append([]T(nil), a...)
	require.NoError(t, qr.Factor(nil, n, n, r, n))
	g, most := bigSquare(n, n, a), simd.MaxAbs(a)
	for j := range n { // by rows of the upper factor
		for k := range j {
			for l := j; l < n; l++ {
				g[j][l] = bigMinus(g[j][l], bigTimes(g[k][j], g[k][l]))
			}
		}
		pivot := bigRoot(g[j][j])
		for l := j; l < n; l++ {
			g[j][l] = bigOver(g[j][l], pivot)
			want, _ := g[j][l].Float64()
			got := math.Copysign(1, float64(r[j*n+j])) * float64(r[j*n+l])
			require.InDelta(t, want, got, 30*float64(n)*unit[T]()*condition*most, "R %d, %d", j, l)
		}
	}
}

// TestDecompositionsRefuseWhatIsNotFinite has every decomposition in both types, small and
// large enough for blocks.
func TestDecompositionsRefuseWhatIsNotFinite(t *testing.T) {
	t.Run("float32", refusals[float32])
	t.Run("float64", refusals[float64])
}

func refusals[T simd.Float](t *testing.T) {
	for _, n := range []int{2, 40} {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			a := make([]T, n*n)
			a[n*n-2] = T(bad)
			clone := func() []T { return append([]T(nil), a...) }
			values, vectors := make([]T, n), make([]T, n*n)
			var eigen lin.Symmetric[T]
			var svd lin.Singular[T]
			var qr lin.Orthogonal[T]
			var few lin.Truncated[T]
			var side lin.GramSide[T]
			_, above := eigen.Above(nil, n, 0, clone(), n, values, vectors, n)
			for what, err := range map[string]error{
				"eigen": eigen.Solve(nil, n, clone(), n, values, vectors, n), "above": above,
				"values":  eigen.Solve(nil, n, clone(), n, values, nil, 0),
				"leading": eigen.Leading(nil, n, 1, clone(), n, values, vectors, n),
				"svd":     svd.Solve(nil, n, n, a, n, values, nil, 0, nil, 0),
				"first":   svd.Leading(nil, n, n, 1, a, n, values, nil, 0, vectors, n),
				"qr":      qr.Factor(nil, n, n, clone(), n),
				"few":     few.Solve(nil, n, n, 1, a, n, 0, values, vectors, n),
				"side":    side.Solve(nil, n, n, 1, a, n, values, vectors, n),
			} {
				require.ErrorIs(t, err, lin.ErrNotFinite, what)
			}
		}
	}
}
