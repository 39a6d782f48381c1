package extend_test

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"example.org/extend"
	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/gradcheck"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/optest"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// TestGarrote has the op's table: Breiman's definition is the reference, x times what is
// left of a ridge. The harness checks values, gradients, memory and devices.
func TestGarrote(t *testing.T) {
	apart := func(v float64) float64 { // from the kink at 0.8
		if math.Abs(math.Abs(v)-0.8) < 0.05 {
			return 2 * v
		}
		return v
	}
	ref := func(in ...optest.Array) []float64 {
		return in[0].Map(func(v float64) float64 { return v * math.Max(0, 1-math.Pow(0.8/v, 2)) }).Data
	}
	build := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return extend.Garrote(in[0], 0.8) }
	for _, shape := range [][]int{{5}, {40, 7}, {150, 131}} {
		x := optest.Normal(1, 2, shape...).Map(apart)
		optest.Run(t, []optest.Case{{Name: "x", Build: build, Ref: ref, In: []optest.Array{x}}})
	}
}

// TestGradientsOfLayerAndLoss compares them with differences.
func TestGradientsOfLossAndOp(t *testing.T) {
	w, err := nn.NewParam("w", tensor.Float64, 6, 4)
	require.NoError(t, err)
	target := tensor.New(tensor.WithShape(6, 4), tensor.Of(tensor.Float64))
	for i := range w.Value.Float64s() {
		w.Value.Float64s()[i], target.Float64s()[i] = 0.7*float64(i%5)-1.3, float64(i%3)-1
	}
	err = gradcheck.Check([]*nn.Param{w}, func(g *nn.Graph) (*gorgonia.Node, error) {
		y := nn.Must(extend.Garrote(nn.Must(g.Bind(w)), 0.4))
		return extend.Sparse{Lambda: 0.1}.Loss(g, y, nn.Must(g.Input("target", target)))
	}, gradcheck.Config{})
	require.NoError(t, err)
}

// A job is a training of everything that this module has.
type job struct {
	loop *train.Loop
	set  *data.Set
	eval *train.Predictor
}

// newJob returns a training of 60 steps on a device; nil is the host.
func newJob(t *testing.T, d *cuda.Device, hooks ...train.Hook) job {
	t.Helper()
	first, err := extend.NewCoder("first", 16, 32, 0.05)
	require.NoError(t, err)
	last, err := layers.NewLinear(layers.LinearConfig{Name: "last", In: 32, Out: 16})
	require.NoError(t, err)
	model := layers.Sequential{first, last}
	lion, err := extend.Lion{LR: 0.003, Beta1: 0.9, Beta2: 0.99}.New(model.Params())
	require.NoError(t, err)
	set := held(t)
	opts := nn.Options{Device: d}
	eval, err := train.NewPredictor(train.Output(model), tensor.Float32, 50, []int{16}, opts)
	require.NoError(t, err)
	return job{&train.Loop{
		Model: model, Loss: extend.Sparse{Lambda: 0.01}, Optimizer: lion, Options: opts, Steps: 60, Hooks: hooks,
		Source:    &extend.Waves{Size: 64, Length: 16, Count: 20, Seed: 1},
		Evaluator: extend.Denoising{Outputs: eval, Set: set}, EvaluateEvery: 20,
	}, set, eval}
}

func (j job) close(t *testing.T) {
	t.Helper()
	require.NoError(t, j.loop.Close())
	require.NoError(t, j.eval.Close())
}

// held returns 50 samples that nobody trains on.
func held(t *testing.T) *data.Set {
	t.Helper()
	x := tensor.New(tensor.WithShape(50, 16), tensor.Of(tensor.Float32))
	y := x.Clone().(*tensor.Dense)
	require.NoError(t, (&extend.Waves{Size: 50, Length: 16, Count: 1, Seed: 2}).Next(x, y))
	set, err := data.NewPairs(x.Float32s(), []int{16}, y.Float32s(), 16)
	require.NoError(t, err)
	return set
}

// TestTraining trains on the host and on a device: the signal-to-noise ratio of samples
// that nobody trained on grows, and the device ends where the host does.
func TestTraining(t *testing.T) {
	var ends []float64
	for _, d := range optest.Devices(t) {
		var psnr []float64
		j := newJob(t, d, train.HookFunc(func(e *train.Event) error {
			if v, ok := e.Metric("val_psnr_db"); ok && e.Eval != nil {
				psnr = append(psnr, v)
			}
			return nil
		}))
		require.NoError(t, j.loop.Run(context.Background()))
		j.close(t)
		require.Len(t, psnr, 3)
		require.Greater(t, psnr[2], psnr[0]+1, "%v", psnr)
		ends = append(ends, psnr[2])
	}
	for _, e := range ends {
		require.InDelta(t, ends[0], e, 1e-2)
	}
}

// TestAStepAllocatesNothing runs what a Loop does at a step: next batch, run, update.
func TestAStepAllocatesNothing(t *testing.T) {
	for _, d := range optest.Devices(t) {
		layer, err := extend.NewCoder("coder", 16, 16, 0.05)
		require.NoError(t, err)
		lion, err := extend.Lion{LR: 0.003, Beta1: 0.9, Beta2: 0.99}.New(layer.Params())
		require.NoError(t, err)
		x := tensor.New(tensor.WithShape(64, 16), tensor.Of(tensor.Float32))
		y := x.Clone().(*tensor.Dense)
		p := compile(t, layer, x, y, nn.Options{Device: d})
		waves := &extend.Waves{Size: 64, Length: 16, Count: 1 << 30, Seed: 1}
		step := func() {
			err := waves.Next(x, y)
			if err == nil {
				err = p.Run()
			}
			if err == nil {
				err = lion.Step(p.Grads())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		step()
		first := p.Loss()
		require.Zero(t, testing.AllocsPerRun(50, step), "on %v", d)
		require.Less(t, p.Loss(), first)
		require.NoError(t, p.Close())
	}
}

func compile(t *testing.T, layer layers.Layer, x, y *tensor.Dense, opts nn.Options) *nn.Program {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	target, err := g.Input("y", y)
	require.NoError(t, err)
	out, err := layer.Forward(g, in)
	require.NoError(t, err)
	loss, err := extend.Sparse{Lambda: 0.01}.Loss(g, out, target)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: layer.Params()}, opts)
	require.NoError(t, err)
	return p
}

// TestARunThatIsResumedEndsWithTheSameBits cuts a run in the middle: the moments of the
// optimizer, the hook's mean and the place in the waves go on.
func TestARunThatIsResumedEndsWithTheSameBits(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	whole, mean := newJob(t, nil), &extend.Smooth{}
	whole.loop.Hooks = []train.Hook{mean}
	require.NoError(t, whole.loop.Run(ctx))

	first := newJob(t, nil, &extend.Smooth{}, &train.Checkpoint{Dir: dir})
	first.loop.Steps = 25
	require.NoError(t, first.loop.Run(ctx))
	first.close(t)
	again := &extend.Smooth{}
	rest := newJob(t, nil, again, &train.Checkpoint{Dir: dir})
	require.NoError(t, rest.loop.Resume(filepath.Join(dir, "last.safetensors")))
	require.NoError(t, rest.loop.Run(ctx))
	for i, p := range whole.loop.Model.Params() {
		require.True(t, slices.Equal(p.Value.Float32s(), rest.loop.Model.Params()[i].Value.Float32s()), p.Name)
	}
	require.Equal(t, mean.State(), again.State())
	rest.close(t)
	whole.close(t)
}

// TestTheHookEndsARun has enough at once.
func TestTheHookEndsARun(t *testing.T) {
	j := newJob(t, nil, &extend.Smooth{Enough: 1e9})
	require.NoError(t, j.loop.Run(context.Background()))
	require.Equal(t, 1, j.loop.Step())
	j.close(t)
}

// TestPSNR has an error of a tenth in every number: 4/0.01 is 26.02 dB.
func TestPSNR(t *testing.T) {
	clean := mat.NewDense(3, 2, []float64{1, -1, 0.5, 0, 0.25, -0.5})
	var off mat.Dense
	off.Apply(func(_, _ int, v float64) float64 { return v + 0.1 }, clean)
	require.InDelta(t, 26.0206, extend.PSNR(&off, clean), 1e-4)
}

// TestLionIsItsFormula takes two steps by hand.
func TestLionIsItsFormula(t *testing.T) {
	p, err := nn.NewParam("p", tensor.Float64, 3)
	require.NoError(t, err)
	copy(p.Value.Float64s(), []float64{1, 1, 1})
	o, err := extend.Lion{LR: 0.1, Beta1: 0.9, Beta2: 0.5}.New([]*nn.Param{p})
	require.NoError(t, err)
	var _ *optim.Optimizer = o
	grad := tensor.New(tensor.WithBacking([]float64{2, -2, 0}))
	require.NoError(t, o.Step([]*tensor.Dense{grad}))
	require.InDeltaSlice(t, []float64{0.9, 1.1, 1}, p.Value.Float64s(), 1e-15)
	copy(grad.Float64s(), []float64{-1, 20, 0}) // m is 1, −1, 0: 0.9 − 0.1 > 0, −0.9 + 2 > 0
	require.NoError(t, o.Step([]*tensor.Dense{grad}))
	require.InDeltaSlice(t, []float64{0.8, 1, 1}, p.Value.Float64s(), 1e-15)
}
