package sparse_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/sparse"
)

// gauss returns a matrix of standard normal numbers.
func gauss(seed uint64, rows, cols int) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 0))
	a := mat.NewDense(rows, cols, nil)
	a.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, a)
	return a
}

// atoms returns a random matrix with columns of length 1.
func atoms(seed uint64, m, n int) *mat.Dense {
	a := gauss(seed, m, n)
	for j := range n {
		c := a.ColView(j).(*mat.VecDense)
		c.ScaleVec(1/mat.Norm(c, 2), c)
	}
	return a
}

// codes returns rows with about that share of normal numbers, 0 else.
func codes(seed uint64, rows, n int, density float64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	z := mat.NewDense(rows, n, nil)
	z.Apply(func(int, int, float64) float64 {
		if rng.Float64() < density {
			return rng.NormFloat64()
		}
		return 0
	}, z)
	return z
}

func operator(t testing.TB, a *mat.Dense) *sparse.Matrix {
	t.Helper()
	op, err := sparse.NewMatrix(a)
	require.NoError(t, err)
	return op
}

// times returns Z Aᵀ.
func times(a, z *mat.Dense) *mat.Dense {
	var x mat.Dense
	x.Mul(z, a.T())
	return &x
}

// golden is golden_sparse.json of internal/conformance, where the cases of all packages are.
type golden struct {
	ISTA struct {
		A         [][]float64
		Y         []float64
		Lam       float64
		L         float64
		ISTA      [][]float64 `json:"ista_iter1to5"`
		FISTA     [][]float64 `json:"fista_iter1to5"`
		XStar     []float64   `json:"x_star"`
		FStar     float64     `json:"F_star"`
		LambdaMax float64     `json:"lambda_max"`
	}
	Shrink struct {
		V     []float64
		Theta float64
		Out   map[string]struct {
			Index int `json:"order_index"`
			Kept  int
			Out   []float64
		}
	} `json:"shrink_ss"`
	Counts []int `json:"ss_counts_n500_p1.2_max13"`
	LISTA  struct {
		A       [][]float64
		B       []float64
		L       float64     `json:"L_scaled"`
		Theta   float64     `json:"theta"`
		Layers  [][]float64 `json:"init_LISTA_layers1to4"`
		W       [][]float64 `json:"alista_W"`
		Offdiag float64     `json:"alista_offdiag_F2"`
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("../internal/conformance/testdata/golden_sparse.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &g))
	return g
}

// dense returns rows as a matrix.
func dense(rows [][]float64) *mat.Dense {
	a := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		a.SetRow(i, r)
	}
	return a
}

// near requires |got − want| ≤ tol element by element.
func near(t *testing.T, want, got []float64, tol float64, msg ...any) {
	t.Helper()
	require.Len(t, got, len(want), msg...)
	for i := range want {
		if !(math.Abs(want[i]-got[i]) <= tol) {
			require.Failf(t, "not near", "element %d is %v, want %v to %v %v", i, got[i], want[i], tol, msg)
		}
	}
}

// violation returns how far z is from the conditions of Karush, Kuhn and Tucker:
// |aⱼᵀ(x − Az)| ≤ λ, and aⱼᵀ(x − Az) = λ sign(zⱼ) where zⱼ is not 0.
func violation(a *mat.Dense, x, z []float64, lambda float64) (worst float64) {
	var r, c mat.VecDense
	r.MulVec(a, mat.NewVecDense(len(z), z))
	r.SubVec(mat.NewVecDense(len(x), x), &r)
	c.MulVec(a.T(), &r)
	for j, v := range z {
		switch g := c.AtVec(j); {
		case v == 0:
			worst = max(worst, math.Abs(g)-lambda)
		default:
			worst = max(worst, math.Abs(g-math.Copysign(lambda, v)))
		}
	}
	return worst
}

// pairs returns the samples and the codes of a set.
func pairs(set *data.Set, m, n int) (x, z *mat.Dense, err error) {
	src, err := data.NewBatches(set, data.BatchConfig{Size: set.Len()})
	if err != nil {
		return nil, nil, err
	}
	b := tensor.New(tensor.WithShape(set.Len(), m), tensor.Of(tensor.Float64))
	y := tensor.New(tensor.WithShape(set.Len(), n), tensor.Of(tensor.Float64))
	if err := src.Next(b, y); err != nil {
		return nil, nil, err
	}
	return mat.NewDense(set.Len(), m, b.Float64s()), mat.NewDense(set.Len(), n, y.Float64s()), nil
}
