package redunet_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// On a mixture of subspaces every layer raises ΔR, and they end nearly orthogonal.
func TestDeltaRRisesOnSubspaces(t *testing.T) {
	set, err := data.Subspaces(data.SubspacesConfig{Classes: 3, Dim: 12, Rank: 2, PerClass: 40, Noise: 0.02, Seed: 3})
	require.NoError(t, err)
	net, rates := buildNet(t, set, redunet.Config{Net: double(60)})
	for l := range rates[1:] {
		require.Greater(t, rates[l+1].DeltaR, rates[l].DeltaR, "layer %d", l)
	}
	_, pi := classify(t, net, set)
	for i, y := range set.Labels() {
		require.Greater(t, pi.At(i, y), 0.99, "sample %d", i)
	}
}

// E ≈ α(I − αZᵀZ): the error is at most x²/(1+x) of α with x = ασ² for the largest
// singular value σ of Z.
func TestFirstOrderErrorIsAsStated(t *testing.T) {
	for _, n := range []int{4, 60} {
		set := blobs(t, 7, 2, n, 20)
		cfg := redunet.Config{Net: double(1), Eps2: 2, Dense: true}
		exact, _ := buildNet(t, set, cfg)
		cfg.FirstOrder = true
		first, _ := buildNet(t, set, cfg)
		z := normalized(t, set)
		alpha := 20 / (float64(set.Len()) * 2)
		var svd mat.SVD
		require.True(t, svd.Factorize(z, mat.SVDNone))
		x := alpha * math.Pow(svd.Values(nil)[0], 2)
		e := matrixOf(exact.Layers()[0].Params()[0], 20)
		var diff mat.Dense
		diff.Sub(e, matrixOf(first.Layers()[0].Params()[0], 20))
		require.True(t, svd.Factorize(&diff, mat.SVDNone))
		require.InEpsilon(t, alpha*x*x/(1+x), svd.Values(nil)[0], 1e-9)
	}
}

func matrixOf(p *nn.Param, d int) *mat.Dense { return mat.NewDense(d, d, p.Value.Float64s()[:d*d]) }

// And in the Fourier domain: with small steps both networks go the same way.
func TestFirstOrderInTheFourierDomain(t *testing.T) {
	set := blobs(t, 8, 2, 5, 2, 6)
	cfg := redunet.Config{Net: double(1), Eps2: 200}
	cfg.Net.Shape = []int{2, 6}
	exact, _ := buildNet(t, set, cfg)
	cfg.FirstOrder = true
	first, _ := buildNet(t, set, cfg)
	for i := range exact.Layers()[0].Params()[:2] {
		a, b := exact.Layers()[0].Params()[i].Value.Float64s(), first.Layers()[0].Params()[i].Value.Float64s()
		require.NotEqual(t, a, b)
		require.InDeltaSlice(t, a, b, 1e-4*a[0])
	}
}

// Update with τ = 1 gives the network of the new samples, a small τ one nearby, and a
// failure none.
func TestUpdate(t *testing.T) {
	old, fresh := blobs(t, 9, 2, 8, 5), blobs(t, 10, 2, 9, 5)
	cfg := redunet.Config{Net: double(2), Dense: true}
	cfg.Net.Lambda = 5
	net, _ := buildNet(t, old, cfg)
	start := net.Layers()[0].Params()[0].Value.Clone().(*tensor.Dense).Float64s()
	want, wantRates := buildNet(t, fresh, cfg)
	there := want.Layers()[0].Params()[0].Value.Float64s()

	_, err := redunet.Update(t.Context(), net, fresh, cfg, 0.25)
	require.NoError(t, err)
	for i, v := range net.Layers()[0].Params()[0].Value.Float64s() {
		require.InDelta(t, 0.75*start[i]+0.25*there[i], v, 1e-12)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	before := net.Layers()[1].Params()[1].Value.Clone().(*tensor.Dense).Float64s()
	_, err = redunet.Update(done, net, fresh, cfg, 0.5)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, before, net.Layers()[1].Params()[1].Value.Float64s())

	rates, err := redunet.Update(t.Context(), net, fresh, cfg, 1)
	require.NoError(t, err)
	require.Equal(t, wantRates, rates)
	for _, tau := range []float64{0, -1, 1.5, math.NaN()} {
		_, err := redunet.Update(t.Context(), net, fresh, cfg, tau)
		require.ErrorIs(t, err, redunet.ErrInput)
	}
	factored, _ := buildNet(t, blobs(t, 9, 2, 2, 30), redunet.Config{Net: double(1)})
	_, err = redunet.Update(t.Context(), factored, blobs(t, 9, 2, 2, 30), redunet.Config{}, 0.5)
	require.ErrorContains(t, err, "Dense")
}

func TestItStopsWhenDeltaRStopsGrowing(t *testing.T) {
	set, err := data.Axes(data.AxesConfig{PerClass: 40})
	require.NoError(t, err)
	net, rates := buildNet(t, set, redunet.Config{Net: double(5000), Patience: 3, MinGain: 1e-6})
	require.Less(t, len(net.Layers()), 3000)
	require.Len(t, rates, len(net.Layers())+1)
	require.Equal(t, len(net.Layers()), net.Config().Layers)
	require.InDelta(t, math.Log(11)-math.Log(21)/2, rates[len(rates)-1].DeltaR, 1e-2)
}

// Saved and loaded, the network is the same; the loss of MCR² can be differentiated
// through it.
func TestANetworkIsAModel(t *testing.T) {
	for name, shape := range map[string][]int{"vector": {6}, "factored": {40}, "signals": {2, 5}, "images": {1, 4, 4}} {
		set := blobs(t, 11, 2, 5, shape...)
		cfg := redunet.Config{Net: double(2)}
		cfg.Net.Shape, cfg.Net.Lambda = shape, 3
		if len(shape) > 1 {
			cfg.Net.Channels, cfg.Net.Kernel = 3, 2
		}
		net, _ := buildNet(t, set, cfg)
		path := filepath.Join(t.TempDir(), "net.safetensors")
		require.NoError(t, train.SaveParams(path, net.Params()))
		again, err := models.NewReduNet(net.Config())
		require.NoError(t, err)
		require.NoError(t, train.LoadParams(path, again.Params()))
		want := collect(t, net, set, 10)
		require.True(t, mat.Equal(want, collect(t, again, set, 10)), name)
		t.Run(name, func(t *testing.T) { checkModelGradient(t, net, set) })
	}
}

func TestBadSamples(t *testing.T) {
	net := double(1)
	one := func(x []float64, labels []int, classes int) *data.Set {
		set, err := data.New(x, 1, []int{2}, labels, classes)
		require.NoError(t, err)
		return set
	}
	good := one([]float64{1, 0, 0, 1}, []int{0, 1}, 2) // one sample a class is enough
	_, _, err := redunet.Build(t.Context(), good, redunet.Config{Net: net})
	require.NoError(t, err)

	for words, c := range map[string]struct {
		set *data.Set
		cfg redunet.Config
	}{
		"class 1 of 3 has no samples": {one([]float64{1, 0, 0, 1}, []int{0, 2}, 3), redunet.Config{Net: net}},
		"sample 1 of class 1 is 0":    {one([]float64{1, 0, 0, 0}, []int{0, 1}, 2), redunet.Config{Net: net}},
		"no samples with classes":     {nil, redunet.Config{Net: net}},
		"ε² is -1":                    {good, redunet.Config{Net: net, Eps2: -1}},
		"take a larger Eps2":          {good, redunet.Config{Net: net, Eps2: 1e-20}},
		"ε² = 5e-324":                 {good, redunet.Config{Net: net, Eps2: 5e-324}},
		"Batch -1":                    {good, redunet.Config{Net: net, Batch: -1}},
		"MinGain is NaN":              {good, redunet.Config{Net: net, MinGain: math.NaN()}},
		"a network of 3 classes":      {good, redunet.Config{Net: models.ReduNetConfig{Layers: 1, Classes: 3}}},
		"the network is for [3]":      {good, redunet.Config{Net: models.ReduNetConfig{Layers: 1, Shape: []int{3}}}},
		"0 Layers":                    {good, redunet.Config{}},
		"filters of 0 to 2 Channels":  {good, redunet.Config{Net: models.ReduNetConfig{Layers: 1, Channels: 2}}},
	} {
		_, _, err := redunet.Build(t.Context(), c.set, c.cfg)
		require.ErrorContains(t, err, words)
	}
	_, err = data.New([]float64{math.NaN(), 1}, 1, []int{2}, []int{0}, 1)
	require.ErrorIs(t, err, data.ErrInput, "features that are not finite make no set")
}

// Steps that overflow are an error, not a network of NaNs.
func TestOverflowIsAnError(t *testing.T) {
	set := blobs(t, 12, 2, 4, 3)
	cfg := redunet.Config{Net: models.ReduNetConfig{Layers: 5, Eta: 1e39}}
	_, _, err := redunet.Build(t.Context(), set, cfg)
	require.ErrorIs(t, err, nn.ErrNotFinite)
	require.ErrorContains(t, err, "layer 0: engine: normalize.Rows")
}

func TestAnotherImageSizeIsAnError(t *testing.T) {
	set := blobs(t, 13, 2, 4, 1, 5, 5)
	cfg := redunet.Config{Net: double(1)}
	cfg.Net.Shape = []int{1, 5, 5}
	net, _ := buildNet(t, set, cfg)
	_, err := train.NewPredictor(train.Output(net), tensor.Float64, 2, []int{1, 5, 6}, nn.Options{})
	require.ErrorIs(t, err, nn.ErrInput)
	require.ErrorContains(t, err, "made for [1 5 5]")
}

// A done context ends a construction, a hook's error too; train's Progress prints lines, its logs write them, and its
// EarlyStop ends a construction that has come as far as is wanted.
func TestTrainsHooksSeeLayers(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		set := blobs(t, 14, 2, 4, 3)
		of := func(layers int) models.ReduNetConfig {
			c := double(layers)
			c.Dtype = dt
			return c
		}
		var out lines
		log := filepath.Join(t.TempDir(), "log.jsonl")
		jsonl, err := train.NewJSONL(log, 1)
		require.NoError(t, err)
		finished := &ended{}
		net, rates, err := redunet.Build(t.Context(), set, redunet.Config{Net: of(3), Hooks: []train.Hook{finished,
			jsonl, &train.Progress{Out: &out, Name: "x", Lines: 3, Show: []string{"delta_R"}}}})
		require.NoError(t, err)
		require.Len(t, net.Layers(), 3)
		require.Equal(t, 3, len(out), out)
		require.Contains(t, out[2], "x step 3 of 3 (100 %)")
		require.Contains(t, out[2], "delta_R ")
		require.Equal(t, 3, finished.step)
		require.NoError(t, finished.cause)
		text, err := os.ReadFile(log)
		require.NoError(t, err)
		for l, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			var got struct {
				Step   int
				DeltaR float64 `json:"delta_R"`
				R, Rc  float64
			}
			require.NoError(t, json.Unmarshal([]byte(line), &got))
			require.Equal(t, l, got.Step)
			require.Equal(t, rates[l], redunet.Rates{R: got.R, Rc: got.Rc, DeltaR: got.DeltaR})
		}

		stop := train.HookFunc(func(e *train.Event) error {
			if e.Step == 2 {
				return train.ErrStop
			}
			return nil
		})
		short, first, err := redunet.Build(t.Context(), set, redunet.Config{Net: of(3), Hooks: []train.Hook{stop}})
		require.NoError(t, err)
		require.Len(t, short.Layers(), 2)
		require.Equal(t, rates[:3], first)
		for i, p := range short.Params() {
			require.Equal(t, net.Params()[i].Value.Data(), p.Value.Data())
		}
	}
	set := blobs(t, 14, 2, 4, 3)
	_, _, err := redunet.Build(t.Context(), set, redunet.Config{Net: double(2),
		Hooks: []train.Hook{train.HookFunc(func(*train.Event) error { return train.ErrStop })}})
	require.ErrorContains(t, err, "stopped the construction before its first layer")
	for want, h := range map[string]train.Hook{
		"hook 1 of 1 is nil":            nil,
		`needs the metric "accuracy"`:   &train.EarlyStop{Metric: "accuracy", Patience: 1},
		"the event has no Loop":         &train.Checkpoint{Dir: t.TempDir()},
		"layer 0: hook train.HookFunc:": train.HookFunc(func(*train.Event) error { return errors.New("mine") }),
	} {
		_, _, err := redunet.Build(t.Context(), set, redunet.Config{Net: double(2), Hooks: []train.Hook{h}})
		require.ErrorContains(t, err, want)
	}
	finished := &ended{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = redunet.Build(ctx, set, redunet.Config{Net: double(3), Hooks: []train.Hook{finished}})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, finished.cause, context.Canceled)
}

// An update that a hook stops leaves the layers behind it as they were.
func TestAStoppedUpdateKeepsTheNetwork(t *testing.T) {
	set := blobs(t, 14, 2, 4, 3)
	cfg := redunet.Config{Net: double(3), Dense: true}
	net, _ := buildNet(t, set, cfg)
	last := must(nn.Floats(nil, net.Layers()[2].Params()[0].Value))
	cfg.Hooks = []train.Hook{train.HookFunc(func(e *train.Event) error {
		if e.Step == 1 {
			return train.ErrStop
		}
		return nil
	})}
	rates, err := redunet.Update(t.Context(), net, blobs(t, 15, 2, 4, 3), cfg, 0.5)
	require.NoError(t, err)
	require.Len(t, rates, 2)
	require.Len(t, net.Layers(), 3)
	require.Equal(t, last, must(nn.Floats(nil, net.Layers()[2].Params()[0].Value)))
}

// ended is a hook that knows how a construction ended.
type ended struct {
	step  int
	cause error
}

func (e *ended) Step(at *train.Event) error { e.step = at.Step; return nil }

func (e *ended) Finish(_ *train.Event, cause error) error { e.cause = cause; return nil }

type lines []string

func (l *lines) Write(p []byte) (int, error) {
	*l = append(*l, string(p))
	return len(p), nil
}
