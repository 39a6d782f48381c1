package csc_test

import (
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
	"github.com/whitebox-nn/whitebox/optim"
)

func cscNet(t *testing.T, change func(*csc.CSCNetConfig)) *csc.CSCNet {
	t.Helper()
	cfg := csc.CSCNetConfig{Name: "net", Filters: 6, Kernel: 5, Stride: 2, Unfoldings: 4, Threshold: 0.05,
		Dtype: tensor.Float64, Seed: 2}
	if change != nil {
		change(&cfg)
	}
	n, err := csc.NewCSCNet(cfg)
	require.NoError(t, err)
	return n
}

// correlate is the strided correlation of an image h×w with a filter, by the definition.
func correlate(x []float64, w int, filter []float64, k, stride, u, v int) float64 {
	sum := 0.0
	for p, tap := range filter {
		sum += tap * x[(u*stride+p/k)*w+v*stride+p%k]
	}
	return sum
}

// One step of: every unfolding of a network as it is made is ISTA with the step 1 on
// ½‖Aγ − y‖² + τ‖γ‖₁, here by the definition of A; so the objective falls.
func TestCSCNetIsISTA(t *testing.T) {
	const k, stride, tau = 5, 2, 0.05
	net := cscNet(t, nil)
	filters := net.Params()[0].Value.Float64s()
	y := images(1, 1, 8, 9)
	shifts := values(t, y, func(_ *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		s, err := net.Shifts().Apply(x)
		return gorgonia.Nodes{s}, err
	})[0]
	all := codes(t, net, y)
	require.Len(t, all, 4)
	side := len(shifts) / 4
	h, w := 13, side/13
	require.Equal(t, side, h*w)
	oh, ow := (h-k)/stride+1, (w-k)/stride+1
	img := shifts[2*side : 3*side] // the third shift: one row, no column
	require.InDelta(t, y.Float64s()[0], img[1*w+2], 0)
	at := func(code []float64, f, u, v int) float64 { return code[((2*6+f)*oh+u)*ow+v] }
	was := math.Inf(1)
	for step, code := range all {
		residual := append([]float64(nil), img...)
		sum := 0.0
		for f := range 6 {
			for u := range oh {
				for v := range ow {
					before := 0.0
					if step > 0 {
						before = at(all[step-1], f, u, v)
					}
					for p, tap := range filters[f*k*k : (f+1)*k*k] {
						residual[(u*stride+p/k)*w+v*stride+p%k] -= before * tap
					}
					sum += tau * math.Abs(before)
				}
			}
		}
		objective := sum + floats.Dot(residual, residual)/2
		require.Less(t, objective, was)
		was = objective
		for f := range 6 {
			for u := range oh {
				for v := range ow {
					before := 0.0
					if step > 0 {
						before = at(all[step-1], f, u, v)
					}
					z := before + correlate(residual, w, filters[f*k*k:(f+1)*k*k], k, stride, u, v)
					want := math.Copysign(math.Max(math.Abs(z)-tau, 0), z)
					require.InDelta(t, want, at(code, f, u, v), 1e-12, "code %d", step+1)
				}
			}
		}
	}
}

// The mean of all shifts of an image is the image, for any size, and a shift moves by its pixels.
func TestMeanOfShiftsIsTheImage(t *testing.T) {
	for _, s := range []csc.Shifts{
		{Kernel: 3, Stride: 1}, {Kernel: 5, Stride: 2}, {Kernel: 5, Stride: 3}, {Kernel: 7, Stride: 4},
	} {
		for _, size := range [][2]int{{12, 14}, {13, 15}, {17, 12}} {
			x := images(2, 3, size[0], size[1])
			out := values(t, x, func(_ *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
				y, err := s.Apply(x)
				require.NoError(t, err)
				for j, n := range y.Shape()[2:] {
					require.Zero(t, (n-s.Kernel)%s.Stride, "%v of %v", s, size[j])
				}
				y, err = s.Mean(y, size[0], size[1])
				return gorgonia.Nodes{y}, err
			})[0]
			require.InDeltaSlice(t, x.Float64s(), out, 1e-15)
		}
	}
}

// Thresholds below 0: the authors' shrink, or none.
func TestThresholdsBelowZero(t *testing.T) {
	for _, clamp := range []bool{false, true} {
		net := cscNet(t, func(c *csc.CSCNetConfig) { c.Unfoldings, c.Clamp = 1, clamp })
		y := images(1, 1, 8, 9)
		set(t, net.Params()[3:], func(*nn.Param) func(int) float64 { return func(int) float64 { return 0 } })
		plain := codes(t, net, y)[0]
		set(t, net.Params()[3:], func(*nn.Param) func(int) float64 { return func(int) float64 { return -0.1 } })
		for i, got := range codes(t, net, y)[0] {
			x := plain[i]
			want := x
			switch {
			case clamp:
			case math.Abs(x) < 0.1:
				want = 2 * x
			default:
				want = x + math.Copysign(0.1, x)
			}
			require.InDelta(t, want, got, 1e-15)
		}
	}
}

func TestCSCNetCounts(t *testing.T) {
	n, err := csc.NewCSCNet(csc.CSCNetConfig{Name: "net"})
	require.NoError(t, err)
	require.Equal(t, 63_700, nn.Size(n.Params()), "the paper's")
	norm, err := csc.SquaredNorm(n.Params()[0].Value, conv.Geometry{Stride: conv.Pair(8)}, 67, 67)
	require.NoError(t, err)
	require.InDelta(t, 1, norm, 0.02)
}

// A network learns to denoise, and a layer of SDNet to code, in 200 steps.
func TestDenoisingLearns(t *testing.T) {
	clean := images(4, 1, 12, 12)
	for i := range clean.Float64s() {
		clean.Float64s()[i] = math.Sin(float64(i%12)) + math.Cos(float64(i/12%12)/2)
	}
	noisy := images(4, 1, 12, 12)
	floats.Scale(0.3, noisy.Float64s())
	floats.Add(noisy.Float64s(), clean.Float64s())
	net := cscNet(t, nil)
	first, last := minimised(t, net, noisy, func(g *nn.Graph, out *gorgonia.Node) (*gorgonia.Node, error) {
		want, err := g.Input("clean", clean)
		require.NoError(t, err)
		return nn.SquaredError(out, want)
	})
	require.Less(t, last, first/3)
	require.Less(t, last, 0.09, "the mean square of the noise")
}

// minimised takes 200 steps of Adam.
func minimised(t *testing.T, net layers.Layer, x *tensor.Dense,
	loss func(g *nn.Graph, out *gorgonia.Node) (*gorgonia.Node, error),
) (first, last float64) {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	out, err := net.Forward(g, in)
	require.NoError(t, err)
	l, err := loss(g, out)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Loss: l, Wrt: net.Params()})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	o, err := optim.NewAdam(net.Params(), optim.Constant(0.005), optim.Adam{})
	require.NoError(t, err)
	for i := range 200 {
		require.NoError(t, p.Run())
		if last = p.Loss(); i == 0 {
			first = last
		}
		require.NoError(t, o.Step(p.Grads()))
	}
	return first, last
}

func TestBadCSCNets(t *testing.T) {
	for want, cfg := range map[string]csc.CSCNetConfig{
		"no Name":                           {},
		"-1 Filters of 11×11":               {Name: "net", Filters: -1},
		"a Stride of 12 with filters":       {Name: "net", Stride: 12},
		"-3 Unfoldings, want 1 to":          {Name: "net", Unfoldings: -3},
		"a Threshold of NaN, want a finite": {Name: "net", Threshold: math.NaN()},
	} {
		_, err := csc.NewCSCNet(cfg)
		require.ErrorContains(t, err, want)
	}
	net := cscNet(t, nil)
	for want, shape := range map[string][]int{
		"want images n×1×h×w": {1, 2, 8, 9}, "smaller than filters": {1, 1, 4, 9},
		"too small to be reflected": {1, 1, 5, 5},
	} {
		if want == "too small to be reflected" {
			net = cscNet(t, func(c *csc.CSCNetConfig) { c.Stride = 5 })
		}
		g := nn.NewGraph(nn.Eval)
		in, err := g.Input("x", images(shape...))
		require.NoError(t, err)
		_, err = net.Forward(g, in)
		require.ErrorIs(t, err, nn.ErrInput)
		require.ErrorContains(t, err, want)
	}
	zero := tensor.New(tensor.WithShape(2, 1, 3, 3), tensor.Of(tensor.Float64))
	_, err := csc.SquaredNorm(zero, conv.Geometry{}, 9, 9)
	require.ErrorContains(t, err, "are all filters 0")
	var none *csc.CSCNet
	_, err = none.Codes(nil, nil)
	require.ErrorContains(t, err, "not made by NewCSCNet")
}
