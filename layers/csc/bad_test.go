package csc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

func TestBadConfigurations(t *testing.T) {
	bad := func(change func(*csc.Config), want string) {
		t.Helper()
		cfg := small(1)
		change(&cfg)
		_, err := csc.NewMLISTA(cfg)
		require.ErrorContains(t, err, want)
		if cfg.Name != "" {
			require.ErrorContains(t, err, `csc: MLISTA "net"`)
		}
	}
	bad(func(c *csc.Config) { c.Name = "" }, "no Name")
	bad(func(c *csc.Config) { c.Unfoldings = -1 }, "-1 Unfoldings, want 0 to 65536")
	bad(func(c *csc.Config) { c.In = -2 }, "images of -2 channels")
	bad(func(c *csc.Config) { c.Banks = []csc.Bank{} }, "0 Banks")
	bad(func(c *csc.Config) { c.Banks[1].Filters = 0 }, "bank 2 of 3: 0 Filters of 2×3")
	bad(func(c *csc.Config) { c.Banks[0].Padding = conv.Pair(3) }, "less padding than a filter has")
	bad(func(c *csc.Config) { c.Banks[2].Stride = [2]int{-1, 1} }, "none below 0")
	cfg := small(1)
	cfg.Bounded = true
	_, err := csc.NewMLLISTA(cfg)
	require.ErrorContains(t, err, "no steps c to bound")
	_, err = csc.NewAllFree(cfg)
	require.ErrorContains(t, err, "no steps c to bound")
	_, err = csc.NewAllFree(csc.Config{Name: "net", Unfoldings: 99})
	require.ErrorContains(t, err, "layers have 5.992e+07 weights, want at most 33554432")
}

func TestBadImages(t *testing.T) {
	for name, c := range coders(t, small(1)) {
		for want, shape := range map[string][]int{
			"want n×2×h×w": {1, 3, 12, 11},
			"codes 1×2, which is smaller than its filters of 2×3": {1, 2, 2, 2},
		} {
			g := nn.NewGraph(nn.Eval)
			in, err := g.Input("x", images(shape...))
			require.NoError(t, err)
			_, err = c.Forward(g, in)
			require.ErrorIs(t, err, nn.ErrInput, name)
			require.ErrorContains(t, err, want, name)
		}
		_, err := c.Forward(nn.NewGraph(nn.Eval), nil)
		require.ErrorIs(t, err, nn.ErrInput, name)
	}
	var none *csc.MLISTA
	_, err := none.Forward(nn.NewGraph(nn.Eval), nil)
	require.ErrorContains(t, err, "not made by NewMLISTA")
	require.Empty(t, none.Params())
	_, err = (&csc.AllFree{}).Forward(nn.NewGraph(nn.Eval), nil)
	require.ErrorContains(t, err, "not made by NewAllFree")
}

func TestInitialValues(t *testing.T) {
	cfg := csc.Config{Name: "net", Banks: csc.MNIST(), Seed: 1}
	a, err := csc.NewMLISTA(cfg)
	require.NoError(t, err)
	sum := 0.0
	w := a.Params()[6].Value.Float32s() // W3, 512×64×4×4
	for _, v := range w {
		sum += float64(v) * float64(v)
	}
	require.InEpsilon(t, 0.01/(64*16), sum/float64(len(w)), 0.02)
	cfg.Weight = initializer.Constant{Value: 2}
	b, err := csc.NewMLISTA(cfg)
	require.NoError(t, err)
	require.Equal(t, float32(2), b.Params()[0].Value.Float32s()[7])
}
