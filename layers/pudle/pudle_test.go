package pudle_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/layers/pudle"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/sparse"
)

const m, p = 8, 12

func network(t *testing.T, change func(*pudle.Config)) *pudle.Network {
	t.Helper()
	cfg := pudle.Config{Name: "net", In: m, Atoms: p, Layers: 5, Dtype: tensor.Float64, Seed: 3}
	if change != nil {
		change(&cfg)
	}
	n, err := pudle.New(cfg)
	require.NoError(t, err)
	return n
}

func samples(shape ...int) *tensor.Dense {
	x := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(shape...))
	r := nn.Rand(7, "samples")
	for i := range x.Float64s() {
		x.Float64s()[i] = r.NormFloat64()
	}
	return x
}

// run returns values of nodes of x, and the gradients by wrt of the first of them if there are any.
func run(t *testing.T, x *tensor.Dense, wrt []*nn.Param, f func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error),
) (values, grads [][]float64) {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	nodes, err := f(g, in)
	require.NoError(t, err)
	out := nn.Outputs{Values: nodes, Wrt: wrt}
	if wrt != nil {
		out.Loss = nodes[0]
	}
	program, err := nn.Compile(g, out)
	require.NoError(t, err)
	defer func() { require.NoError(t, program.Close()) }()
	require.NoError(t, program.Run())
	for _, n := range nodes {
		v, err := program.Value(n)
		require.NoError(t, err)
		f, err := nn.Floats(nil, v)
		require.NoError(t, err)
		values = append(values, f)
	}
	for _, d := range program.Grads() {
		f, err := nn.Floats(nil, d)
		require.NoError(t, err)
		grads = append(grads, f)
	}
	return values, grads
}

func dictionary(n *pudle.Network) *mat.Dense {
	w := n.Params()[0].Value
	return mat.NewDense(w.Shape()[0], w.Shape()[1], append([]float64(nil), w.Float64s()...))
}

// One step of: T layers are T iterations of package sparse's ISTA.
func TestNetworkIsISTA(t *testing.T) {
	for _, twoSided := range []bool{false, true} {
		n := network(t, func(c *pudle.Config) { c.TwoSided = twoSided })
		x := samples(3, m)
		a, err := sparse.NewMatrix(dictionary(n))
		require.NoError(t, err)
		problem := sparse.Problem{A: a, X: mat.NewDense(3, m, x.Float64s()), Lambda: 0.2}
		if !twoSided {
			problem.Penalty = sparse.NonNegativeL1{}
		}
		zs, _ := run(t, x, nil, n.Codes)
		for k, z := range zs {
			s, err := sparse.ISTA{Step: sparse.Step{L: 5}, Stop: sparse.Stop{MaxIter: k + 1}}.Solve(problem)
			require.NoError(t, err)
			require.InDeltaSlice(t, s.Z.RawMatrix().Data, z, 1e-12, "layer %d", k+1)
		}
	}
}

// Decay, hard thresholds and the learned bias, by the definition, in one layer after another.
func TestThresholds(t *testing.T) {
	x := samples(2, m)
	soft := func(theta func(layer int) float64) func(layer int, v float64) float64 {
		return func(layer int, v float64) float64 {
			return math.Copysign(math.Max(math.Abs(v)-theta(layer), 0), v)
		}
	}
	for name, c := range map[string]struct {
		change func(*pudle.Config)
		want   func(layer int, v float64) float64
	}{
		"decay": {func(c *pudle.Config) { c.Decay = 0.7 },
			soft(func(l int) float64 { return 0.04 * math.Pow(0.7, float64(l)) })},
		"hard": {func(c *pudle.Config) { c.Hard = 0.15 }, func(_ int, v float64) float64 {
			if math.Abs(v) < 0.15 {
				return 0
			}
			return v
		}},
		"bias": {func(c *pudle.Config) { c.LearnBias = true }, soft(func(int) float64 { return 0.04 })},
	} {
		n := network(t, func(cfg *pudle.Config) { cfg.TwoSided = true; c.change(cfg) })
		d := dictionary(n)
		zs, _ := run(t, x, nil, n.Codes)
		before := make([]float64, 2*p)
		for layer, z := range zs {
			for i := range 2 {
				var r, u mat.VecDense
				r.MulVec(d, mat.NewVecDense(p, before[i*p:(i+1)*p]))
				r.SubVec(&r, mat.NewVecDense(m, x.Float64s()[i*m:(i+1)*m]))
				u.MulVec(d.T(), &r)
				for j := range p {
					require.InDelta(t, c.want(layer, before[i*p+j]-0.2*u.AtVec(j)), z[i*p+j], 1e-12, name)
				}
			}
			before = z
		}
	}
}

// The gradient of the decoder's loss is −(x − Wz) zᵀ/B.
func TestTheDecodersGradient(t *testing.T) {
	n := network(t, nil)
	x := samples(4, m)
	var z []float64
	_, grads := run(t, x, n.Params(), func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		loss, err := n.Loss(g, x, pudle.Decoder)
		return gorgonia.Nodes{loss}, err
	})
	zs, _ := run(t, x, nil, n.Codes)
	z = zs[len(zs)-1]
	codes, d := mat.NewDense(4, p, z), dictionary(n)
	var r, want mat.Dense
	r.Mul(codes, d.T())
	r.Sub(&r, mat.NewDense(4, m, x.Float64s()))
	want.Mul(r.T(), codes)
	want.Scale(0.25, &want)
	require.InDeltaSlice(t, want.RawMatrix().Data, grads[0], 1e-13)
}

// Where z_T = ẑ, the LASSO code, two estimators are one: the derivative of the minimum by z
// is 0. The third is not.
func TestEstimatorsOfManyLayers(t *testing.T) {
	for _, layers := range []int{5, 1500} {
		n := network(t, func(c *pudle.Config) { c.TwoSided, c.Layers = true, layers })
		x := samples(4, m)
		var g [3][]float64
		for e := range 3 {
			_, grads := run(t, x, n.Params(), func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
				loss, err := n.Loss(g, x, pudle.Estimator(e))
				return gorgonia.Nodes{loss}, err
			})
			g[e] = grads[0]
		}
		gap := floats.Distance(g[pudle.Decoder], g[pudle.AELasso], 2) / floats.Norm(g[pudle.Decoder], 2)
		if layers > 100 {
			require.Less(t, gap, 1e-6)
		} else {
			require.Greater(t, gap, 1e-3)
		}
		require.Greater(t, floats.Distance(g[pudle.Decoder], g[pudle.AELS], 2), 1e-3)
	}
}

// Learning that begins near the true dictionary comes nearer, while β falls from 1 to 0.996.
func TestNetworkLearnsTheDictionary(t *testing.T) {
	const m, p = 30, 40
	truth := network(t, func(c *pudle.Config) { c.In, c.Atoms, c.Seed = m, p, 11 })
	d := dictionary(truth)
	r := nn.Rand(1, "codes")
	x := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(600, m))
	for i := range 600 {
		for range 2 {
			c := 1 + r.Float64()
			j := r.IntN(p)
			for k := range m {
				x.Float64s()[i*m+k] += c * d.At(k, j)
			}
		}
	}
	n := network(t, func(c *pudle.Config) { c.In, c.Atoms, c.Layers, c.Lambda, c.TwoSided = m, p, 40, 0.1, true })
	w := n.Params()[0].Value.Float64s()
	for i := range w {
		w[i] = d.RawMatrix().Data[i] + 0.07*r.NormFloat64()
	}
	require.NoError(t, n.Normalize())
	distance := func() float64 {
		v, err := sparse.DictionaryDistance(dictionary(n), d)
		require.NoError(t, err)
		return v
	}
	start := distance()
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	loss, err := n.Loss(g, in, pudle.AELS)
	require.NoError(t, err)
	program, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: n.Params()})
	require.NoError(t, err)
	defer func() { require.NoError(t, program.Close()) }()
	o, err := optim.NewAdam(n.Params(), optim.Constant(0.004), optim.Adam{})
	require.NoError(t, err)
	for i := range 200 {
		require.NoError(t, n.SetDecay(1-0.00002*float64(i)))
		require.NoError(t, program.Run())
		require.NoError(t, o.Step(program.Grads()))
		require.NoError(t, n.Normalize())
	}
	require.Less(t, distance(), start/3)
}

// The networks of images take 200 steps of denoising, and their loss falls.
func TestImagesLearn(t *testing.T) {
	conv, err := pudle.NewConv(pudle.ConvConfig{Name: "net", Filters: 5, Kernel: 4, Stride: 2, Layers: 4,
		TwoSided: true,
		Untied:   true, LearnBias: true, Lambda: 0.3, Dtype: tensor.Float64})
	require.NoError(t, err)
	crsae, err := pudle.NewCRsAE(pudle.CRsAEConfig{Name: "net", Filters: 5, Kernel: 4, Stride: 2, Layers: 4, L: 6,
		TwoSided: true, Dtype: tensor.Float64})
	require.NoError(t, err)
	for name, l := range map[string]layers.Layer{"Conv": conv, "CRsAE": crsae} {
		x := samples(2, 1, 10, 9)
		clean := samples(2, 1, 10, 9)
		for i := range clean.Float64s() {
			clean.Float64s()[i] = math.Sin(float64(i % 9))
			x.Float64s()[i] = clean.Float64s()[i] + 0.2*x.Float64s()[i]
		}
		g := nn.NewGraph(nn.Train)
		in, err := g.Input("x", x)
		require.NoError(t, err)
		want, err := g.Input("clean", clean)
		require.NoError(t, err)
		y, err := l.Forward(g, in)
		require.NoError(t, err)
		loss, err := nn.SquaredError(y, want)
		require.NoError(t, err)
		program, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: l.Params()})
		require.NoError(t, err)
		o, err := optim.NewAdam(l.Params(), optim.Constant(0.003), optim.Adam{})
		require.NoError(t, err)
		var first float64
		for i := range 200 {
			require.NoError(t, program.Run())
			if i == 0 {
				first = program.Loss()
			}
			require.NoError(t, o.Step(program.Grads()))
		}
		require.Less(t, program.Loss(), first/2, name)
		require.NoError(t, program.Close())
	}
	norm, err := csc.SquaredNorm(crsae.Params()[0].Value, csc.Shifts{Kernel: 4, Stride: 2}.Geometry(), 10, 10)
	require.NoError(t, err)
	require.Less(t, norm, 20.0)
}

// The minimum of LambdaLoss by λ is (N + δλ₀ − 1)/(Σ|z| + δ), element by element.
func TestLambdaLossHasItsMinimum(t *testing.T) {
	n, err := pudle.NewCRsAE(pudle.CRsAEConfig{Name: "net", Filters: 3, Kernel: 2, Stride: 1, Layers: 2, L: 6,
		LearnLambda: true, Sigma: 0.4, Delta: 20, Dtype: tensor.Float64})
	require.NoError(t, err)
	z := samples(1, 3, 2, 4)
	for f := range 3 {
		sum := 0.0
		for _, v := range z.Float64s()[f*8 : (f+1)*8] {
			sum += math.Abs(v)
		}
		n.Params()[1].Value.Float64s()[f] = (8 + 20*0.1 - 1) / (sum + 20)
	}
	_, grads := run(t, z, n.Params()[1:], func(g *nn.Graph, z *gorgonia.Node) (gorgonia.Nodes, error) {
		loss, err := n.LambdaLoss(g, z)
		return gorgonia.Nodes{loss}, err
	})
	require.InDeltaSlice(t, []float64{0, 0, 0}, grads[0], 1e-12)
}

func TestBadNetworks(t *testing.T) {
	for want, cfg := range map[string]pudle.Config{
		"no Name":                    {In: 1, Atoms: 1},
		"0 Atoms for samples of 3":   {Name: "net", In: 3},
		"-1 Layers, want 1 to":       {Name: "net", In: 3, Atoms: 1, Layers: -1},
		"Step -1, Lambda 0.2":        {Name: "net", In: 3, Atoms: 1, Step: -1},
		"a Decay of 2":               {Name: "net", In: 3, Atoms: 1, Decay: 2},
		"want at most one of them":   {Name: "net", In: 3, Atoms: 1, Decay: 0.5, LearnBias: true},
		"Hard is 1 and TwoSided fal": {Name: "net", In: 3, Atoms: 1, Hard: 1},
	} {
		_, err := pudle.New(cfg)
		require.ErrorContains(t, err, want)
	}
	for want, cfg := range map[string]pudle.ConvConfig{
		"no Name": {}, "-1 Filters of 9×9": {Name: "net", Filters: -1}, "stride 10": {Name: "net", Stride: 10},
		"Step -1 and": {Name: "net", Step: -1},
	} {
		_, err := pudle.NewConv(cfg)
		require.ErrorContains(t, err, want)
	}
	for want, cfg := range map[string]pudle.CRsAEConfig{
		"L 0, Lambda 0.1": {Name: "net"}, "a Sigma of 0": {Name: "net", L: 5, LearnLambda: true},
	} {
		_, err := pudle.NewCRsAE(cfg)
		require.ErrorContains(t, err, want)
	}
	n := network(t, nil)
	require.ErrorContains(t, n.SetDecay(0), "a Decay of 0")
	clear(n.Params()[0].Value.Float64s())
	require.ErrorContains(t, n.Normalize(), "atom 0 of 12 has the norm 0")
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("x", samples(2, m+1))
	require.NoError(t, err)
	_, err = n.Forward(g, in)
	require.ErrorIs(t, err, nn.ErrInput)
	_, err = n.Loss(g, in, 7)
	require.ErrorContains(t, err, "estimator 7")
	var none *pudle.Network
	_, err = none.Forward(g, in)
	require.ErrorContains(t, err, "not a network of New")
	require.Equal(t, "ae-ls", pudle.AELS.String())
}
