package train

import (
	"io"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// wholes are losses of a batch, of which MCR² is no sum over samples.
var wholes = map[string]losses.Loss{
	"MCR2":          nil,
	"MCR2 with λ":   losses.MCR2{Classes: classes, Gamma1: 2, Gamma2: 0.5, Lambda: 0.01},
	"cross-entropy": losses.CrossEntropy{LabelSmoothing: 0.1},
}

// A step by chunks is the step of the whole batch, to rounding.
func TestChunksTakeTheStepsOfTheWholeBatch(t *testing.T) {
	Everywhere(t, testChunksTakeTheStepsOfTheWholeBatch)
}

func testChunksTakeTheStepsOfTheWholeBatch(t *testing.T, o nn.Options) {
	for name, loss := range wholes {
		var want [][]float64
		var metrics []Metric
		chunks := []int{0, 24, 12, 8, 1}
		if o.Device != nil {
			chunks = []int{0, 12, 8} // a software device takes its time
		}
		for _, chunk := range chunks {
			var last []Metric
			r := recipe{options: o, loss: loss, dt: tensor.Float64, steps: 10, plain: true, chunk: chunk,
				hooks: []Hook{HookFunc(func(e *Event) error { last = append(last[:0], e.Train...); return nil })}}
			l := r.loop(t)
			require.NoError(t, l.Run(t.Context()))
			if chunk == 0 {
				want, metrics = weights(t, l), last
				continue
			}
			for i, p := range weights(t, l) {
				require.InDeltaSlice(t, want[i], p, 1e-12, "%s in chunks of %d, parameter %d", name, chunk, i)
			}
			require.Len(t, last, len(metrics))
			for i, m := range metrics {
				require.Equal(t, m.Name, last[i].Name)
				require.InDelta(t, m.Value, last[i].Value, 1e-11, "%s in chunks of %d: %s", name, chunk, m.Name)
			}
		}
	}
}

// And it is not a sum of steps of the chunks: the gradient of MCR² of two halves,
// averaged, points elsewhere.
func TestMCR2IsNoSumOverChunks(t *testing.T) {
	whole := recipe{dt: tensor.Float64, steps: 1, plain: true}.loop(t)
	require.NoError(t, whole.prepare())
	require.NoError(t, whole.next())
	_, _, err := whole.gradient()
	require.NoError(t, err)
	want := floats(t, whole.graph.program.Grads()...)

	half := recipe{dt: tensor.Float64, steps: 1, plain: true, batch: batch / 2}.loop(t)
	require.NoError(t, half.prepare())
	mean := make([]float64, len(want))
	for range 2 {
		require.NoError(t, half.next())
		_, _, err := half.gradient()
		require.NoError(t, err)
		for i, v := range floats(t, half.graph.program.Grads()...) {
			mean[i] += v / 2
		}
	}
	far := 0.0
	for i, v := range want {
		far = max(far, math.Abs(v-mean[i]))
	}
	require.Greater(t, far, 0.01)
}

// floats returns the numbers of all tensors.
func floats(t testing.TB, tensors ...*tensor.Dense) (all []float64) {
	for _, x := range tensors {
		var err error
		all, err = nn.Floats(all, x)
		require.NoError(t, err)
	}
	return all
}

// With dropout the model of both passes over a chunk must be the same, and each
// chunk's another: the gradient is then that of the loss, which central differences
// along a direction show.
func TestTheGradientOfChunksIsThatOfTheirLoss(t *testing.T) {
	l := recipe{dt: tensor.Float64, steps: 1, chunk: 6}.loop(t)
	require.NoError(t, l.prepare())
	require.NoError(t, l.next())
	_, grads, err := l.gradient()
	require.NoError(t, err)
	var slope float64
	direction := make([][]float64, len(grads))
	for i, g := range grads {
		for j, v := range g.Float64s() {
			direction[i] = append(direction[i], math.Sin(float64(7*i+j))+v)
			slope += v * direction[i][j]
		}
	}
	const h = 1e-6
	at := func(step float64) float64 {
		for i, p := range l.Optimizer.Params() {
			for j, v := range direction[i] {
				p.Value.Float64s()[j] += step * v
			}
		}
		loss, _, err := l.gradient()
		require.NoError(t, err)
		return loss
	}
	up := at(h)
	down := at(-2 * h)
	require.InDelta(t, slope, (up-down)/(2*h), 1e-6*math.Abs(slope))

	x := l.graph.x.Float64s()
	copy(x[len(x)/4:len(x)/2], x) // the same samples twice
	_, _, err = l.gradient()
	require.NoError(t, err)
	z := l.graph.chunked.z.Value.Float64s()
	require.NotEqual(t, z[:len(z)/4], z[len(z)/4:len(z)/2], "chunks have dropout of their own")
}

func TestOneChunkIsTheWholeBatch(t *testing.T) { Everywhere(t, testOneChunkIsTheWholeBatch) }

func testOneChunkIsTheWholeBatch(t *testing.T, o nn.Options) {
	whole, one := recipe{options: o, steps: 5, adam: true}.loop(t), recipe{options: o, steps: 5, adam: true,
		chunk: batch}.loop(t)
	require.NoError(t, whole.Run(t.Context()))
	require.NoError(t, one.Run(t.Context()))
	for i, w := range weights(t, whole) {
		require.InDeltaSlice(t, w, weights(t, one)[i], 1e-5, "with the same dropout")
	}
}

func TestChunksAllocateNothingAndNeedLessMemory(t *testing.T) {
	Everywhere(t, testChunksAllocateNothingAndNeedLessMemory)
}

func testChunksAllocateNothingAndNeedLessMemory(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		l := recipe{options: o, steps: 1000, adam: true, chunk: 4, dt: dt,
			hooks: []Hook{&Progress{Out: io.Discard, Lines: 1}}}.loop(t)
		require.NoError(t, l.prepare())
		step := func() {
			if err := l.one(t.Context()); err != nil {
				t.Error(err)
			}
		}
		for range 5 {
			step()
		}
		require.Zero(t, allocs(o, 50, step))
	}
	whole := recipe{options: o, steps: 1, chunk: 0, batch: 60}.loop(t)
	parts := recipe{options: o, steps: 1, chunk: 2, batch: 60}.loop(t)
	require.NoError(t, whole.prepare())
	require.NoError(t, parts.prepare())
	c := parts.graph.chunked
	require.Less(t, c.ahead.Memory().Arena+c.back.Memory().Arena, whole.graph.program.Memory().Arena/3)
}

func TestChunksHaveTheSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	var want [][]float64
	for _, workers := range []int{1, 2, 8} {
		l := recipe{steps: 6, adam: true, chunk: 8}.loop(t)
		l.Options.Workers = workers
		require.NoError(t, l.Run(t.Context()))
		if want == nil {
			want = weights(t, l)
		}
		require.Equal(t, want, weights(t, l), "%d workers", workers)
	}
}

func TestChunksThatCannotBe(t *testing.T) { Everywhere(t, testChunksThatCannotBe) }

func testChunksThatCannotBe(t *testing.T, o nn.Options) {
	for _, chunk := range []int{-1, 5, 48} {
		l := recipe{options: o, steps: 1, chunk: chunk}.loop(t)
		require.ErrorContains(t, l.Run(t.Context()), "want a number that divides the batch of 24")
	}
	l := recipe{options: o, steps: 1, chunk: 8}.loop(t)
	w, err := nn.NewParam("w", tensor.Float32, 6, 6)
	require.NoError(t, err)
	l.Loss = weighted{w}
	require.ErrorContains(t, l.Run(t.Context()), "the loss has 1 parameters of its own")
}

// weighted is a loss with a parameter.
type weighted struct{ w *nn.Param }

func (l weighted) Loss(g *nn.Graph, out, _ *gorgonia.Node) (*gorgonia.Node, error) {
	w, err := g.Bind(l.w)
	if err != nil {
		return nil, err
	}
	y, err := nn.Linear(out, w, nil)
	if err != nil {
		return nil, err
	}
	return nn.SumSquares(y)
}

// A step that fails leaves everything as it was, and can be taken again.
func TestAFailedStepOfChunksChangesNothing(t *testing.T) {
	Everywhere(t, testAFailedStepOfChunksChangesNothing)
}

func testAFailedStepOfChunksChangesNothing(t *testing.T, o nn.Options) {
	l := recipe{options: o, steps: 3, adam: true, chunk: 8}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	before := state(t, l)
	l.Steps = 4
	good := l.Source
	l.Source = poisoned{good}
	require.ErrorContains(t, l.Run(t.Context()), "after step 3")
	require.Equal(t, before, state(t, l))
	l.Source = good
	require.NoError(t, l.Run(t.Context()))
}

// poisoned delivers a number that is none, in the last sample.
type poisoned struct{ data.Source }

func (p poisoned) Next(x, y *tensor.Dense) error {
	err := p.Source.Next(x, y)
	x.Float32s()[x.Size()-1] = float32(math.NaN())
	return err
}

// With batch norm each chunk is standardized by its own statistics, and the running
// ones move once a step, by their mean.
func TestChunksMoveRunningStatisticsByTheirMean(t *testing.T) {
	Everywhere(t, testChunksMoveRunningStatisticsByTheirMean)
}

func testChunksMoveRunningStatisticsByTheirMean(t *testing.T, o nn.Options) {
	bn, err := layers.NewBatchNorm(layers.BatchNormConfig{Name: "bn", Channels: 5, Dtype: tensor.Float64})
	require.NoError(t, err)
	set := gaussians(t, 1)
	source, err := data.NewBatches(set, data.BatchConfig{Size: 60})
	require.NoError(t, err)
	opt, err := optim.NewSGD(bn.Params(), optim.Constant(1e-3), optim.SGD{})
	require.NoError(t, err)
	l := &Loop{Model: bn, Loss: losses.CrossEntropy{}, Optimizer: opt, Source: source, Steps: 1, Chunk: 20, Options: o}
	defer func() { require.NoError(t, l.Close()) }()
	require.NoError(t, l.Run(t.Context()))
	var mean, variance float64 // of channel 2
	for chunk := range 3 {
		m, v := 0.0, 0.0
		for i := range 20 {
			row, err := set.Row(nil, 20*chunk+i)
			require.NoError(t, err)
			m += row[2] / 20
		}
		for i := range 20 {
			row, err := set.Row(nil, 20*chunk+i)
			require.NoError(t, err)
			v += (row[2] - m) * (row[2] - m) / 19
		}
		mean, variance = mean+m/3, variance+v/3
	}
	require.InDelta(t, 0.1*mean, bn.Params()[2].Value.Float64s()[2], 1e-12)
	require.InDelta(t, 0.9+0.1*variance, bn.Params()[3].Value.Float64s()[2], 1e-12)

	bn.Params()[0].Value.Float64s()[0] = math.NaN()
	before := append([]float64(nil), bn.Params()[2].Value.Float64s()...)
	l.Steps = 2
	require.ErrorIs(t, l.Run(t.Context()), ErrDiverged)
	require.Equal(t, before, bn.Params()[2].Value.Float64s(), "a failed step does not move them")
}

func TestAResNetInChunks(t *testing.T) { Everywhere(t, testAResNetInChunks) }

func testAResNetInChunks(t *testing.T, o nn.Options) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	run := func(steps, workers int, from string) *Loop {
		l := resnetLoop(t, o, steps, workers)
		l.Chunk = 4
		if from != "" {
			require.NoError(t, l.Resume(from))
		}
		require.NoError(t, l.Run(t.Context()))
		return l
	}
	whole, half := run(6, 1, ""), run(3, 2, "")
	require.NoError(t, half.Save(path))
	require.Equal(t, state(t, whole), state(t, run(6, 8, path)), "resumed, on more workers")

	l := whole
	l.Evaluator, l.Steps = nil, 1000
	step := func() {
		if err := l.one(t.Context()); err != nil {
			t.Error(err)
		}
	}
	step()
	require.Zero(t, allocs(o, 5, step))
}
