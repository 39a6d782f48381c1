package csc_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/sparse"
)

// atoms returns the filters of unit norm of a layer as the columns of a matrix that makes images
// of 2×6×7, stride 1, no padding, of codes.
func atoms(p *nn.Param) *mat.Dense {
	w, o := p.Value.Float64s(), p.Value.Shape()[0]
	const c, h, wd, k = 2, 6, 7, 3
	oh, ow := h-k+1, wd-k+1
	d := mat.NewDense(c*h*wd, o*oh*ow, nil)
	for f := range o {
		filter := w[f*c*k*k : (f+1)*c*k*k]
		norm := 0.0
		for _, v := range filter {
			norm += v * v
		}
		for u := range oh {
			for v := range ow {
				for p, tap := range filter {
					ch, r, s := p/(k*k), p/k%k, p%k
					d.Set((ch*h+u+r)*wd+v+s, (f*oh+u)*ow+v, tap/math.Sqrt(norm))
				}
			}
		}
	}
	return d
}

func sparseCoding(t *testing.T, change func(*csc.CodingConfig)) *csc.SparseCoding {
	t.Helper()
	cfg := csc.CodingConfig{Name: "code", In: 2, Atoms: 4, Dtype: tensor.Float64, Seed: 4}
	if change != nil {
		change(&cfg)
	}
	l, err := csc.NewSparseCoding(cfg)
	require.NoError(t, err)
	return l
}

// One step of: two codes are two iterations of ISTA on the non-negative LASSO, with the dictionary
// as a matrix and the step that the layer finds.
func TestSparseCodingIsISTA(t *testing.T) {
	for _, lambda := range []float64{0.1, 0.5} {
		l := sparseCoding(t, func(c *csc.CodingConfig) { c.Lambda = lambda })
		x := images(1, 2, 6, 7)
		d := atoms(l.Params()[0])
		var svd mat.SVD
		require.True(t, svd.Factorize(d, mat.SVDNone))
		norm := svd.Values(nil)[0]
		// the layer's estimate of ‖D‖² lies within some hundredths, from below
		first := codesOf(t, l, x)[0]
		a, err := sparse.NewMatrix(d)
		require.NoError(t, err)
		problem := sparse.Problem{A: a, X: mat.NewDense(1, 84, x.Float64s()), Lambda: lambda,
			Penalty: sparse.NonNegativeL1{}}
		best := math.Inf(1)
		for share := 0.95; share <= 1; share += 0.001 {
			s, err := sparse.ISTA{Step: sparse.Step{L: norm * norm * share / 0.9},
				Stop: sparse.Stop{MaxIter: 2}}.Solve(problem)
			require.NoError(t, err)
			worst := 0.0
			for i, v := range s.Z.RawRowView(0) {
				worst = math.Max(worst, math.Abs(v-first[i]))
			}
			best = math.Min(best, worst)
		}
		require.Less(t, best, 2e-3)

		fixed := sparseCoding(t, func(c *csc.CodingConfig) { c.Lambda, c.StepSize = lambda, 0.1 })
		s, err := sparse.ISTA{Step: sparse.Step{L: 10}, Stop: sparse.Stop{MaxIter: 2}}.Solve(problem)
		require.NoError(t, err)
		require.InDeltaSlice(t, s.Z.RawRowView(0), codesOf(t, fixed, x)[0], 1e-12)
	}
}

// codesOf returns the code, ‖x − Dc‖² and the penalty.
func codesOf(t *testing.T, l interface {
	Code(g *nn.Graph, x *gorgonia.Node) (code, residual, penalty *gorgonia.Node, err error)
}, x *tensor.Dense) [][]float64 {
	t.Helper()
	return values(t, x, func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		code, residual, penalty, err := l.Code(g, x)
		return gorgonia.Nodes{code, residual, penalty}, err
	})
}

// Many steps end where the elastic net has its minimum, by another solver.
func TestManyStepsSolveTheElasticNet(t *testing.T) {
	l := sparseCoding(t, func(c *csc.CodingConfig) { c.Steps, c.Mu, c.Signed, c.Lambda = 150, 0.5, true, 0.2 })
	x := images(1, 2, 6, 7)
	a, err := sparse.NewMatrix(atoms(l.Params()[0]))
	require.NoError(t, err)
	s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 2000, Change: 1e-12}}.Solve(sparse.Problem{A: a,
		X: mat.NewDense(1, 84, x.Float64s()), Lambda: 0.2, Penalty: sparse.ElasticNet{Mu: 0.5 / 0.2}})
	require.NoError(t, err)
	got := codesOf(t, l, x)
	require.InDeltaSlice(t, s.Z.RawRowView(0), got[0], 1e-4)
	require.InDelta(t, s.Objective[0], got[1][0]/2+got[2][0], 1e-6)
}

// Tokens: images of one pixel.
func TestTokenCodingIsSparseCodingOfPixels(t *testing.T) {
	images1 := sparseCoding(t, func(c *csc.CodingConfig) { c.In, c.Atoms, c.Kernel, c.Steps = 5, 9, conv.Pair(1), 4 })
	tokens, err := csc.NewTokenCoding(csc.CodingConfig{Name: "code", In: 5, Atoms: 9, Steps: 4, Dtype: tensor.Float64})
	require.NoError(t, err)
	copy(tokens.Params()[0].Value.Float64s(), images1.Params()[0].Value.Float64s())
	x := images(6, 5, 1, 1)
	flat := images(2, 3, 5)
	copy(flat.Float64s(), x.Float64s())
	want, got := codesOf(t, images1, x), codesOf(t, tokens, flat)
	for i := range want {
		require.InDeltaSlice(t, want[i], got[i], 0.01)
	}
}

// PerNumber weighs by the sizes; UnitResidual does not see the size of the residual.
func TestCodingOptions(t *testing.T) {
	x := images(1, 2, 6, 7)
	weighted := sparseCoding(t, func(c *csc.CodingConfig) { c.PerNumber, c.StepSize = true, 0.1 })
	plain := sparseCoding(t, func(c *csc.CodingConfig) { c.StepSize, c.Lambda = 0.1, 0.1*84/80 })
	require.InDeltaSlice(t, codesOf(t, plain, x)[0], codesOf(t, weighted, x)[0], 1e-14)

	robust := sparseCoding(t, func(c *csc.CodingConfig) { c.UnitResidual, c.StepSize, c.Lambda = true, 0.1, 1e-9 })
	one := sparseCoding(t, func(c *csc.CodingConfig) { c.Steps, c.StepSize, c.Lambda = 1, 0.1, 1e-9 })
	far := images(1, 2, 6, 7)
	for i := range far.Float64s() {
		far.Float64s()[i] *= 1e6
	}
	step := func(x *tensor.Dense) (worst float64) {
		a, b := codesOf(t, one, x)[0], codesOf(t, robust, x)[0]
		for i := range a {
			worst = math.Max(worst, math.Abs(a[i]-b[i]))
		}
		return worst
	}
	require.Less(t, step(far), 0.06)
	require.Greater(t, step(far), 1e-4)
}

// Evaluation has no history: the same input gives the same bits, before and after others.
func TestSparseCodingHasNoHistory(t *testing.T) {
	l := sparseCoding(t, nil)
	x := images(1, 2, 6, 7)
	a := codesOf(t, l, x)
	codesOf(t, l, images(3, 2, 9, 8))
	require.Equal(t, a, codesOf(t, l, x))
}

func TestBadCodings(t *testing.T) {
	for want, cfg := range map[string]csc.CodingConfig{
		"no Name":                     {In: 1, Atoms: 1},
		"0 Atoms for an input of 2":   {Name: "code", In: 2},
		"-1 Steps, want 1 to":         {Name: "code", In: 1, Atoms: 1, Steps: -1},
		"Lambda -1, Mu 0, StepSize 0": {Name: "code", In: 1, Atoms: 1, Lambda: -1},
		"less padding than a filter":  {Name: "code", In: 1, Atoms: 1, Padding: conv.Pair(3)},
	} {
		_, err := csc.NewSparseCoding(cfg)
		require.ErrorContains(t, err, want)
	}
	_, err := csc.NewTokenCoding(csc.CodingConfig{Name: "code", In: 1, Atoms: 1, Kernel: conv.Pair(3)})
	require.ErrorContains(t, err, "which are for a SparseCoding")
	l := sparseCoding(t, nil)
	g := nn.NewGraph(nn.Eval)
	in, err := g.Input("x", images(1, 3, 6, 7))
	require.NoError(t, err)
	_, err = l.Forward(g, in)
	require.ErrorContains(t, err, "want images n×2×h×w")
	var none *csc.TokenCoding
	_, err = none.Forward(nil, nil)
	require.ErrorContains(t, err, "not made by NewTokenCoding")
}

// A dictionary of which an atom is 0 has no unit norm: the run says so.
func TestAnAtomOfZero(t *testing.T) {
	l := sparseCoding(t, nil)
	clear(l.Params()[0].Value.Float64s()[:18])
	g := nn.NewGraph(nn.Eval)
	in, err := g.Input("x", images(1, 2, 6, 7))
	require.NoError(t, err)
	code, err := l.Forward(g, in)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{code}})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.ErrorIs(t, p.Run(), nn.ErrInput)
}
