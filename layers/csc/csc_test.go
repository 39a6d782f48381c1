package csc_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// small returns three layers on images of 2×12×11.
func small(unfoldings int) csc.Config {
	return csc.Config{Name: "net", In: 2, Unfoldings: unfoldings, Dtype: tensor.Float64, Seed: 3, Banks: []csc.Bank{
		{Filters: 3, Kernel: conv.Pair(3), Stride: [2]int{2, 1}, Padding: conv.Pair(1)},
		{Filters: 4, Kernel: [2]int{2, 3}, Stride: conv.Pair(2)},
		{Filters: 5, Kernel: conv.Pair(2)},
	}}
}

// coders makes every network, by name.
func coders(t *testing.T, cfg csc.Config) map[string]csc.Coder {
	t.Helper()
	all := make(map[string]csc.Coder)
	add := func(name string, c csc.Coder, err error) {
		require.NoError(t, err)
		all[name] = c
	}
	c1, err := csc.NewMLISTA(cfg)
	add("MLISTA", c1, err)
	c2, err := csc.NewMLFISTA(cfg)
	add("MLFISTA", c2, err)
	c3, err := csc.NewLayeredBP(cfg)
	add("LayeredBP", c3, err)
	if !cfg.Bounded {
		c4, err := csc.NewMLLISTA(cfg)
		add("MLLISTA", c4, err)
		c5, err := csc.NewAllFree(cfg)
		add("AllFree", c5, err)
	}
	return all
}

func set(t *testing.T, ps []*nn.Param, values func(p *nn.Param) func(i int) float64) {
	t.Helper()
	for _, p := range ps {
		f := values(p)
		v := make([]float64, p.Value.Size())
		for i := range v {
			v[i] = f(i)
		}
		require.NoError(t, nn.SetFloats(p.Value, v))
	}
}

// drawn sets the parameters to numbers that depend on what stands before the first digit and
// the layer in their names: banks and biases of a layer are equal in all networks, steps c.
func drawn(t *testing.T, ps []*nn.Param, c float64) {
	t.Helper()
	set(t, ps, func(p *nn.Param) func(int) float64 {
		var kind, layer rune
		_, err := fmt.Sscanf(p.Name, "net.%c%c", &kind, &layer)
		require.NoError(t, err)
		if kind == 'c' {
			return func(int) float64 { return c }
		}
		name, sd := "bank", 0.2
		if kind == 'b' {
			name, sd = "bias", 0.1
		}
		r := nn.Rand(1, name+string(layer))
		return func(int) float64 { return sd * r.NormFloat64() }
	})
}

func images(shape ...int) *tensor.Dense {
	x := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(shape...))
	r := nn.Rand(5, "images")
	for i := range x.Float64s() {
		x.Float64s()[i] = r.NormFloat64()
	}
	return x
}

// values runs a function of images.
func values(t *testing.T, x *tensor.Dense, f func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error)) [][]float64 {
	t.Helper()
	g := nn.NewGraph(nn.Eval)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	nodes, err := f(g, in)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: nodes})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.Run())
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		v, err := p.Value(n)
		require.NoError(t, err)
		out[i], err = nn.Floats(nil, v)
		require.NoError(t, err)
	}
	return out
}

func codes(t *testing.T, c csc.Coder, x *tensor.Dense) [][]float64 {
	t.Helper()
	return values(t, x, c.Codes)
}

// With no unfolding every network is the convolutional one, γᵢ = ReLU(Dᵢᵀγᵢ₋₁ + bᵢ).
func TestWithoutUnfoldingIsAConvolutionalNetwork(t *testing.T) {
	x := images(2, 2, 12, 11)
	cfg := small(0)
	var plain layers.Sequential
	for i, b := range cfg.Banks {
		in := cfg.In
		if i > 0 {
			in = cfg.Banks[i-1].Filters
		}
		l, err := layers.NewConv2D(layers.ConvConfig{Name: fmt.Sprint("c", i), In: in, Out: b.Filters, Kernel: b.Kernel,
			Geometry: conv.Geometry{Stride: b.Stride, Padding: b.Padding}, Dtype: tensor.Float64})
		require.NoError(t, err)
		set(t, l.Params(), func(p *nn.Param) func(int) float64 {
			name, sd := "bank", 0.2
			if p.NoDecay {
				name, sd = "bias", 0.1
			}
			r := nn.Rand(1, fmt.Sprint(name, i+1))
			return func(int) float64 { return sd * r.NormFloat64() }
		})
		plain = append(plain, l, layers.ReLU{})
	}
	want := values(t, x, func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		y, err := plain.Forward(g, x)
		return gorgonia.Nodes{y}, err
	})[0]
	require.Greater(t, floats.Norm(want, 2), 0.1)
	for name, c := range coders(t, cfg) {
		drawn(t, c.Params(), 1)
		got := codes(t, c, x)
		require.InDeltaSlice(t, want, got[2], 1e-12, name)
	}
}

// One step of: an unfolding of LayeredBP is a projected gradient step on
// F(γ) = ½‖Dγ − y‖² + λᵀγ, γ ≥ 0, with λ = −b/c: computed here from finite differences of F
// by the code, whose synthesis is summed by the definition.
func TestLayeredBPIsISTA(t *testing.T) {
	cfg := csc.Config{Name: "net", In: 2, Dtype: tensor.Float64, Banks: []csc.Bank{
		{Filters: 3, Kernel: [2]int{3, 2}, Stride: [2]int{2, 1}, Padding: [2]int{1, 0}}}}
	const c, h, w, ch, cw = 0.3, 6, 5, 3, 4
	x := images(1, 2, h, w)
	var before []float64
	var bank, bias []float64
	for unfoldings := range 3 {
		cfg.Unfoldings = unfoldings
		net, err := csc.NewLayeredBP(cfg)
		require.NoError(t, err)
		drawn(t, net.Params(), c)
		bank, bias = net.Params()[0].Value.Float64s(), net.Params()[2].Value.Float64s()
		got := codes(t, net, x)[0]
		objective := func(z []float64) float64 {
			sum := 0.0
			residual := append([]float64(nil), x.Float64s()...)
			for p, v := range z {
				o, u, s := p/(ch*cw), p/cw%ch, p%cw
				sum -= bias[o] / c * v
				for q, tap := range bank[o*2*3*2 : (o+1)*2*3*2] {
					i, j := u*2+q/2%3-1, s+q%2
					if i >= 0 && i < h && j < w {
						residual[(q/6*h+i)*w+j] -= v * tap
					}
				}
			}
			return sum + floats.Dot(residual, residual)/2
		}
		if before == nil {
			before = make([]float64, 3*ch*cw) // the first code is the step from 0
		}
		const d = 1e-4
		for p := range before {
			z := append([]float64(nil), before...)
			z[p] += d
			up := objective(z)
			z[p] -= 2 * d
			slope := (up - objective(z)) / (2 * d) // exact but for rounding: F is quadratic
			require.InDelta(t, math.Max(0, before[p]-c*slope), got[p], 1e-9, "unfolding %d, element %d", unfoldings, p)
		}
		require.Less(t, objective(got), objective(before))
		before = got
	}
}

// One step of: with one layer there is nothing above to synthesise from, and multi-layer ISTA is ISTA.
func TestOneLayerOfMLISTAIsISTA(t *testing.T) {
	cfg := small(3)
	cfg.Banks = cfg.Banks[:1]
	all := coders(t, cfg)
	x := images(2, 2, 12, 11)
	want := []float64(nil)
	for _, name := range []string{"LayeredBP", "MLISTA", "MLLISTA", "AllFree"} {
		drawn(t, all[name].Params(), 1)
		got := codes(t, all[name], x)[0]
		if want == nil {
			want = got
		}
		require.InDeltaSlice(t, want, got, 1e-12, name)
	}
}

// One step of: MLLISTA with equal banks is MLISTA with steps of 1.
func TestMLLISTAIsMLISTA(t *testing.T) {
	all := coders(t, small(2))
	x := images(2, 2, 12, 11)
	for _, c := range all {
		drawn(t, c.Params(), 1)
	}
	want, got := codes(t, all["MLISTA"], x), codes(t, all["MLLISTA"], x)
	for i := range want {
		require.InDeltaSlice(t, want[i], got[i], 1e-11)
	}
	require.Greater(t, floats.Distance(want[0], codes(t, all["LayeredBP"], x)[0], 2), 1e-3)
}

// The momentum starts with the second unfolding: (t₁ − 1)/t₂ is 0.
func TestMLFISTABeginsAsMLISTA(t *testing.T) {
	x := images(2, 2, 12, 11)
	for unfoldings, differ := range []bool{false, false, true} {
		all := coders(t, small(unfoldings))
		drawn(t, all["MLISTA"].Params(), 0.2)
		drawn(t, all["MLFISTA"].Params(), 0.2)
		a, b := codes(t, all["MLISTA"], x)[2], codes(t, all["MLFISTA"], x)[2]
		require.Equal(t, differ, floats.Distance(a, b, 2) > 1e-9, "%d unfoldings", unfoldings)
	}
}

// The counts that SPEC2 quotes of the authors' code, with the linear classifiers.
func TestParameterCounts(t *testing.T) {
	for name, want := range map[string]int{"MLISTA": 604_909, "MLFISTA": 604_909, "LayeredBP": 604_909,
		"MLLISTA": 1_204_074, "AllFree": 4_203_562} {
		c := coders(t, csc.Config{Name: "net", Unfoldings: 6})[name]
		require.Equal(t, want, nn.Size(c.Params())+512*10+10, name)
	}
	cfg := csc.Config{Name: "net", In: 3, Banks: csc.CIFAR(), Unfoldings: 6}
	require.Equal(t, 3*32*16+32*64*16+64*128*16+32+64+128+3, nn.Size(coders(t, cfg)["MLISTA"].Params()))
}

// Bounded holds a step at 1/‖D‖², and leaves one that is below it.
func TestBoundedStepsStayBelowTheBound(t *testing.T) {
	cfg := small(4)
	cfg.Bounded = true
	x := images(2, 2, 12, 11)
	for name, net := range coders(t, cfg) {
		drawn(t, net.Params(), 1e-3)
		free := cfg
		free.Bounded = false
		other := coders(t, free)[name]
		drawn(t, other.Params(), 1e-3)
		require.Equal(t, codes(t, other, x), codes(t, net, x), "%s: steps that are small anyway", name)

		drawn(t, net.Params(), 1e6)
		most := codes(t, net, x)
		for _, z := range most {
			require.Less(t, floats.Max(z), 100.0, name)
		}
		// 1/‖D‖² by power iteration on the matrices of the layers.
		set(t, other.Params(), func(p *nn.Param) func(int) float64 {
			var i int
			if _, err := fmt.Sscanf(p.Name, "net.c%d", &i); err != nil {
				for _, q := range net.Params() {
					if q.Name == p.Name {
						return func(j int) float64 { return q.Value.Float64s()[j] }
					}
				}
			}
			return func(int) float64 { return 1 / norm(t, net.Params(), cfg, i-1) }
		})
		for i, z := range codes(t, other, x) {
			require.InDeltaSlice(t, z, most[i], 0.05*floats.Max(z), name)
		}
	}
}

// norm returns ‖D‖² of a layer: the matrix is the convolutions of unit images.
func norm(t *testing.T, ps []*nn.Param, cfg csc.Config, layer int) float64 {
	t.Helper()
	b, in := cfg.Banks[layer], cfg.In
	size := [2]int{12, 11}
	for i := range layer {
		for j := range 2 {
			size[j] = (size[j]+2*cfg.Banks[i].Padding[j]-cfg.Banks[i].Kernel[j])/max(cfg.Banks[i].Stride[j], 1) + 1
		}
		in = cfg.Banks[i].Filters
	}
	n := in * size[0] * size[1]
	units := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(n, in, size[0], size[1]))
	for i := range n {
		units.Float64s()[i*n+i] = 1
	}
	rows := values(t, units, func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		y, err := conv.Conv2D(x, nn.Must(g.Bind(ps[layer*3])), nil, conv.Geometry{Stride: b.Stride, Padding: b.Padding})
		return gorgonia.Nodes{y}, err
	})[0]
	m := len(rows) / n
	v, w := make([]float64, m), make([]float64, n)
	v[0], v[m/2], v[m-1] = 1, -1, 1
	for range 3000 {
		for i := range w {
			w[i] = floats.Dot(rows[i*m:(i+1)*m], v)
		}
		clear(v)
		for i, c := range w {
			floats.AddScaled(v, c, rows[i*m:(i+1)*m])
		}
		floats.Scale(1/floats.Norm(v, 2), v)
	}
	for i := range w {
		w[i] = floats.Dot(rows[i*m:(i+1)*m], v)
	}
	return floats.Dot(w, w)
}
