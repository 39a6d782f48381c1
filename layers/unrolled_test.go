package layers_test

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/prox"
	"github.com/whitebox-nn/whitebox/sparse"
)

const (
	measurements, atoms = 6, 11
	samples             = 4
	lambda              = 0.1
)

// dictionary is Gaussian with unit columns.
func dictionary() *mat.Dense {
	rng := rand.New(rand.NewPCG(3, 4))
	a := mat.NewDense(measurements, atoms, nil)
	a.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, a)
	for j := range atoms {
		norm := mat.Norm(a.ColView(j), 2)
		for i := range measurements {
			a.Set(i, j, a.At(i, j)/norm)
		}
	}
	return a
}

func unrollConfig(depth int) layers.UnrollConfig {
	return layers.UnrollConfig{Name: "net", A: dictionary(), Layers: depth, Lambda: lambda, Dtype: tensor.Float64}
}

func signals() *mat.Dense {
	rng := rand.New(rand.NewPCG(5, 6))
	x := mat.NewDense(samples, measurements, nil)
	x.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, x)
	return x
}

// codes runs a network for some iterations and returns the code after each.
func codes(t testing.TB, l layers.Unrolled, steps int) []*mat.Dense {
	t.Helper()
	g := nn.NewGraph(nn.Eval)
	x, err := g.Input("x", tensor.New(tensor.WithShape(samples, measurements),
		tensor.WithBacking(signals().RawMatrix().Data)))
	require.NoError(t, err)
	zs, err := l.Iterate(g, x, steps)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: zs})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.Run())
	out := make([]*mat.Dense, steps)
	for i, z := range zs {
		v, err := p.Value(z)
		require.NoError(t, err)
		out[i] = mat.NewDense(samples, atoms, append([]float64(nil), v.Float64s()...))
	}
	return out
}

// An iteration changes the code z of one sample x, in place.
type iteration func(t int, z, x *mat.VecDense)

func soft(v *mat.VecDense, theta float64) {
	for i, x := range v.RawVector().Data {
		v.SetVec(i, math.Copysign(math.Max(math.Abs(x)-theta, 0), x))
	}
}

// gradientStep adds step·Aᵀ(x − A z) to z.
func gradientStep(a mat.Matrix, z, x *mat.VecDense, step float64) {
	var r, d mat.VecDense
	r.MulVec(a, z)
	r.SubVec(x, &r)
	d.MulVec(a.T(), &r)
	z.AddScaledVec(z, step, &d)
}

// lipschitz is 1.001 times the square of the largest singular value.
func lipschitz() float64 {
	var svd mat.SVD
	if !svd.Factorize(dictionary(), mat.SVDNone) {
		panic("no singular values")
	}
	n := svd.Values(nil)[0]
	return 1.001 * n * n
}

func ista(_ int, z, x *mat.VecDense) {
	gradientStep(dictionary(), z, x, 1/lipschitz())
	soft(z, lambda/lipschitz())
}

// isAlgorithm compares the codes of a network, also beyond its depth, with those of an
// algorithm, which starts anew for each sample.
func isAlgorithm(t *testing.T, l layers.Unrolled, steps int, start func() iteration) {
	t.Helper()
	got := codes(t, l, steps)
	for i := range samples {
		x := mat.VecDenseCopyOf(signals().RowView(i))
		z := mat.NewVecDense(atoms, nil)
		do := start()
		for k := range steps {
			do(k, z, x)
			for j := range atoms {
				require.InDelta(t, z.AtVec(j), got[k].At(i, j), 1e-12, "sample %d, iteration %d, atom %d", i, k+1, j)
			}
		}
	}
	require.NotZero(t, mat.Norm(got[steps-1], 1))
}

func always(do iteration) func() iteration { return func() iteration { return do } }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestUntrainedNetworksAreISTA proves "One step of: ISTA" of LISTA, LISTACP, TiLISTA,
// ALISTA with W = A, StepLISTA and GLISTA, tied and untied, with one threshold and
// with a vector.
func TestUntrainedNetworksAreISTA(t *testing.T) {
	c := unrollConfig(5)
	for name, l := range map[string]layers.Unrolled{
		"LISTA": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c})),
		"LISTA untied": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c, Untied: true, UntiedB: true,
			VectorTheta: true})),
		"LISTACP": must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c})),
		"LISTACP untied": must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c, Untied: true,
			VectorTheta: true})),
		"TiLISTA": must(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: c})),
		"ALISTA of A": must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: c, W: dictionary(),
			Alpha: 1 / lipschitz()})),
		"StepLISTA":       must(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: c})),
		"GLISTA":          must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: c})),
		"GLISTA untied":   must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: c, Untied: true, Overshoot: true})),
		"LISTA, 1 layer":  must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: unrollConfig(5), Untied: true})),
		"LISTACP default": must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c, Select: layers.Selection{}})),
	} {
		t.Run(name, func(t *testing.T) { isAlgorithm(t, l, 7, always(ista)) })
	}
}

// TestUntrainedLFISTAIsFISTA proves "One step of: FISTA".
func TestUntrainedLFISTAIsFISTA(t *testing.T) {
	start := func() iteration {
		y, before := mat.NewVecDense(atoms, nil), mat.NewVecDense(atoms, nil)
		step := 1.0
		return func(_ int, z, x *mat.VecDense) {
			z.CopyVec(y)
			ista(0, z, x)
			next := (1 + math.Sqrt(1+4*step*step)) / 2
			y.SubVec(z, before)
			y.AddScaledVec(z, (step-1)/next, y)
			before.CopyVec(z)
			step = next
		}
	}
	for _, untied := range []bool{false, true} {
		isAlgorithm(t, must(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: unrollConfig(6), Untied: untied,
			VectorTheta: untied})), 6, start)
	}
}

// TestUntrainedLAMPIsAMP proves "One step of: AMP".
func TestUntrainedLAMPIsAMP(t *testing.T) {
	start := func() iteration {
		v := mat.NewVecDense(measurements, nil)
		return func(k int, z, x *mat.VecDense) {
			count := 0.0
			for _, e := range z.RawVector().Data {
				if e != 0 {
					count++
				}
			}
			if k == 0 {
				v.CopyVec(x)
			} else {
				var r mat.VecDense
				r.MulVec(dictionary(), z)
				r.SubVec(x, &r)
				r.AddScaledVec(&r, count/measurements, v)
				v.CopyVec(&r)
			}
			var d mat.VecDense
			d.MulVec(dictionary().T(), v)
			z.AddVec(z, &d)
			soft(z, 1.1402*mat.Norm(v, 2)/math.Sqrt(measurements))
		}
	}
	for _, untied := range []bool{false, true} {
		isAlgorithm(t, must(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: unrollConfig(4), Untied: untied})), 5, start)
	}
}

// TestUntrainedLIHTIsIHT proves "One step of: iterative hard thresholding", of both
// kinds.
func TestUntrainedLIHTIsIHT(t *testing.T) {
	keep := func(z *mat.VecDense, ok func(v float64) bool) {
		for i, v := range z.RawVector().Data {
			if !ok(v) {
				z.SetVec(i, 0)
			}
		}
	}
	isAlgorithm(t, must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: unrollConfig(5), Sparsity: 3})), 6,
		always(func(_ int, z, x *mat.VecDense) {
			gradientStep(dictionary(), z, x, 1/lipschitz())
			m := make([]float64, atoms)
			for i, v := range z.RawVector().Data {
				m[i] = math.Abs(v)
			}
			sort.Float64s(m)
			keep(z, func(v float64) bool { return math.Abs(v) >= m[atoms-3] })
		}))
	isAlgorithm(t, must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: unrollConfig(5)})), 5,
		always(func(_ int, z, x *mat.VecDense) {
			gradientStep(dictionary(), z, x, 1/lipschitz())
			keep(z, func(v float64) bool { return math.Abs(v) >= math.Sqrt(2*lambda/lipschitz()) })
		}))
}

// TestALISTAStepsAlongTheAnalyticWeight proves "One step of" of ALISTA and the
// definition of its weight: the diagonal of WᵀA is 1, and what the gradient of
// ‖WᵀA‖² says is along the columns of A.
func TestALISTAStepsAlongTheAnalyticWeight(t *testing.T) {
	a := dictionary()
	w, err := sparse.AnalyticWeight(a)
	require.NoError(t, err)
	var gram mat.Dense
	gram.Mul(w.T(), a)
	for i := range atoms {
		require.InDelta(t, 1, gram.At(i, i), 1e-12)
		var inner, slope mat.VecDense // AAᵀwᵢ, which must be a multiple of aᵢ
		inner.MulVec(a.T(), w.ColView(i))
		slope.MulVec(a, &inner)
		slope.AddScaledVec(&slope, -mat.Dot(&slope, a.ColView(i)), a.ColView(i))
		require.InDelta(t, 0, mat.Norm(&slope, 2), 1e-12)
	}
	isAlgorithm(t, must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: unrollConfig(3)})), 4,
		always(func(_ int, z, x *mat.VecDense) {
			var r, d mat.VecDense
			r.MulVec(a, z)
			r.SubVec(x, &r)
			d.MulVec(w.T(), &r)
			z.AddVec(z, &d)
			soft(z, lambda/lipschitz())
		}))
}

// TestSupportSelectionPassesTheLargest compares LISTA-SS and LISTA-CPSS with their
// definition.
func TestSupportSelectionPassesTheLargest(t *testing.T) {
	sel := layers.Selection{P: 12, Max: 30}
	do := func(k int, z, x *mat.VecDense) {
		gradientStep(dictionary(), z, x, 1/lipschitz())
		u := mat.VecDenseCopyOf(z)
		m := make([]float64, atoms)
		for i, v := range u.RawVector().Data {
			m[i] = math.Abs(v)
		}
		sort.Float64s(m)
		tau := m[int(math.RoundToEven((atoms-1)*(100-math.Min(12*float64(k+1), 30))/100))]
		soft(z, lambda/lipschitz())
		for i, v := range u.RawVector().Data {
			if math.Abs(v) > tau && math.Abs(v) > lambda/lipschitz() {
				z.SetVec(i, v)
			}
		}
	}
	isAlgorithm(t, must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: unrollConfig(4), Select: sel})), 5, always(do))
	isAlgorithm(t, must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: unrollConfig(4), Select: sel})), 5,
		always(do))
	isAlgorithm(t, must(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: unrollConfig(4), Select: sel})), 5,
		always(do))
}

// TestSelectionIsThatOfTheSolvers: prox.Select and sparse.SelectSupport select
// the same, also where (d − 1)(1 − q/100) ends in ½.
func TestSelectionIsThatOfTheSolvers(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for d := 1; d <= 13; d++ {
		for q := 0.0; q <= 100; q += 12.5 {
			u := make([]float64, d)
			for j := range u {
				u[j] = rng.NormFloat64()
			}
			g := nn.NewGraph(nn.Eval)
			x, err := g.Input("u", tensor.New(tensor.WithShape(1, d), tensor.WithBacking(u)))
			require.NoError(t, err)
			theta, err := g.Input("theta", tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{0.3})))
			require.NoError(t, err)
			out, err := prox.Select(x, theta, q)
			require.NoError(t, err)
			p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{out}})
			require.NoError(t, err)
			require.NoError(t, p.Run())
			got, err := p.Value(out)
			require.NoError(t, err)
			want := make([]float64, d)
			sparse.SelectSupport(want, u, 0.3, q, nil)
			require.InDeltaSlice(t, want, got.Float64s(), 1e-15, "%v percent of %d", q, d)
			require.NoError(t, p.Close())
		}
	}
}
