package subspace_test

import (
	"math"
	"math/rand/v2"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func gauss(rng *rand.Rand, n, d int) *mat.Dense {
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	return x
}

// orthonormal returns r orthonormal columns of length d.
func orthonormal(rng *rand.Rand, d, r int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(gauss(rng, d, d))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, d, 0, r))
}

// mixture returns samples of random subspaces of R^d through the origin, with
// noise.
func mixture(rng *rand.Rand, d int, sizes, ranks []int, noise float64) (*mat.Dense, []int) {
	var rows []float64
	var labels []int
	for c, n := range sizes {
		var x mat.Dense
		x.Mul(gauss(rng, n, ranks[c]), orthonormal(rng, d, ranks[c]).T())
		e := gauss(rng, n, d)
		e.Scale(noise, e)
		x.Add(&x, e)
		rows = append(rows, x.RawMatrix().Data...)
		for range n {
			labels = append(labels, c)
		}
	}
	return mat.NewDense(len(labels), d, rows), labels
}

// near requires that two matrices are equal up to tol.
func near(t require.TestingT, want, got mat.Matrix, tol float64, words ...any) {
	r, c := want.Dims()
	r2, c2 := got.Dims()
	require.Equal(t, [2]int{r, c}, [2]int{r2, c2}, words...)
	for i := range r {
		for j := range c {
			require.InDelta(t, want.At(i, j), got.At(i, j), tol, words...)
		}
	}
}

func square(v float64) float64 { return math.Pow(v, 2) }
