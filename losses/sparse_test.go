package losses_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

func draws(seed uint64, r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	rng := nn.Rand(seed, "draws")
	m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, m)
	return m
}

func atoms(t *testing.T, a *mat.Dense) *nn.Param {
	t.Helper()
	m, d := a.Dims()
	p, err := nn.NewParam("a", tensor.Float64, m, d)
	require.NoError(t, err)
	require.NoError(t, nn.SetFloats(p.Value, a.RawMatrix().Data))
	return p
}

// TestLASSOIsTheObjectiveOfISTA compares it with the solver's, at its solution,
// where no direction goes down.
func TestLASSOIsTheObjectiveOfISTA(t *testing.T) {
	const lambda = 0.3
	a, x := draws(1, 5, 8), draws(2, 4, 5)
	op, err := sparse.NewMatrix(a)
	require.NoError(t, err)
	s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 20000, Change: 1e-15}}.Solve(sparse.Problem{A: op, X: x,
		Lambda: lambda})
	require.NoError(t, err)
	want := 0.0
	for _, v := range s.Objective {
		want += v / 4
	}
	l := losses.LASSO{A: atoms(t, a), Lambda: lambda, Name: "code"}
	m, err := measure(l, tensor.Float64, s.Z, x)
	require.NoError(t, err)
	require.InDelta(t, want, m.loss, 1e-12)
	require.InDelta(t, m.loss, m.probes["code.residual"]+lambda*m.probes["code.l1"], 1e-12)
	for i, z := range s.Z.RawMatrix().Data {
		if g := m.grad.RawMatrix().Data[i]; z != 0 {
			require.InDelta(t, 0, g, 1e-8)
		} else {
			require.LessOrEqual(t, math.Abs(g), lambda/4+1e-8)
		}
	}
	for seed := range uint64(5) {
		moved := draws(seed+10, 4, 8)
		moved.Scale(1e-3, moved)
		moved.Add(moved, s.Z)
		m, err := measure(l, tensor.Float64, moved, x)
		require.NoError(t, err)
		require.Greater(t, m.loss, want)
	}
}

func TestCodeErrorAndNMSE(t *testing.T) {
	z, want := draws(1, 3, 4), draws(2, 3, 4)
	var r mat.Dense
	r.Sub(z, want)
	e := 0.0
	for _, v := range r.RawMatrix().Data {
		e += v * v
	}
	m, err := measure(losses.CodeError{}, tensor.Float64, z, want)
	require.NoError(t, err)
	require.InDelta(t, e/6, m.loss, 1e-14)
	require.Equal(t, m.loss, m.probes["code_error"])
	m, err = measure(losses.NMSE{DB: true}, tensor.Float64, z, want)
	require.NoError(t, err)
	db, err := sparse.NMSE(z, want)
	require.NoError(t, err)
	require.InDelta(t, db, m.loss, 1e-12)
	m, err = measure(losses.NMSE{}, tensor.Float64, z, want)
	require.NoError(t, err)
	require.InDelta(t, math.Pow(10, db/10), m.probes["nmse"], 1e-12)
}

func TestSparseLossesReport(t *testing.T) {
	for want, l := range map[string]losses.Loss{
		"no dictionary A":                    losses.LASSO{},
		"Lambda is -1":                       losses.LASSO{A: atoms(t, draws(1, 4, 4)), Lambda: -1},
		"no Net, whose codes":                losses.DeepSupervision{Weights: []float64{1}},
		"it was not called":                  losses.DeepSupervision{Net: coder{}, Weights: []float64{0, 1}},
		"no layer has a weight":              watched{losses.DeepSupervision{Weights: []float64{0, 0}}},
		"3 Weights for a network of 2 codes": watched{losses.DeepSupervision{Weights: []float64{1, 1, 0}}},
		"weight NaN of layer 2":              watched{losses.DeepSupervision{Weights: []float64{1, math.NaN()}}},
	} {
		_, err := measure(l, tensor.Float64, draws(1, 3, 4), draws(2, 3, 4))
		require.ErrorContains(t, err, want)
	}
}
