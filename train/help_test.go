package train

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// recipe says how to make a small Loop. Every call makes one of its own.
type recipe struct {
	loss  losses.Loss // nil is MCR2
	dt    tensor.Dtype
	steps int
	lr    float64 // 0 is 0.01
	adam  bool    // else SGD with momentum
	hooks []Hook
	loud  bool // evaluate
	plain bool // without dropout
	chunk int
	batch int // 0 is batch

	options nn.Options
}

const classes, batch = 3, 24

func gaussians(t testing.TB, seed uint64) *data.Set {
	t.Helper()
	set, err := data.Gaussians(data.GaussiansConfig{Classes: classes, Dim: 5, PerClass: 20, Seed: seed})
	require.NoError(t, err)
	return set
}

// loop returns a perceptron with dropout on batches of a mixture of Gaussians
// that fit no whole number of times.
func (r recipe) loop(t testing.TB) *Loop {
	t.Helper()
	dropout := 0.2
	if r.plain {
		dropout = 0
	}
	m, err := models.NewMLP(models.MLPConfig{Dims: []int{5, 16, 6}, Normalize: r.loss == nil, Dropout: dropout,
		Dtype: r.dt, Seed: 3})
	require.NoError(t, err)
	source, err := data.NewBatches(gaussians(t, 1),
		data.BatchConfig{Size: cmp.Or(r.batch, batch), Shuffle: true, Seed: 7})
	require.NoError(t, err)
	if r.lr == 0 {
		r.lr = 0.01
	}
	schedule := optim.CosineAnnealing(r.lr, 40, 0)
	opt, err := optim.NewSGD(m.Params(), schedule, optim.SGD{Momentum: 0.9})
	if r.adam {
		opt, err = optim.NewAdamW(m.Params(), schedule, optim.Adam{WeightDecay: 0.01})
	}
	require.NoError(t, err)
	l := &Loop{Model: m, Loss: r.loss, Optimizer: opt, Source: source, Steps: r.steps, Hooks: r.hooks, Chunk: r.chunk,
		Options: r.options}
	if l.Loss == nil {
		l.Loss = losses.MCR2{Classes: classes}
	}
	if r.loud {
		l.Evaluator = evaluatorOf(t, m, r.dt, r.options)
		l.EvaluateEvery = 3
	}
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// norms measures the mean norm of the outputs for a test set.
type norms struct {
	c   *Predictor
	set *data.Set
}

func evaluatorOf(t testing.TB, m *models.MLP, dt tensor.Dtype, o nn.Options) Evaluator {
	t.Helper()
	if dt == (tensor.Dtype{}) {
		dt = tensor.Float32
	}
	c, err := NewPredictor(func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		y, err := m.Forward(g, x)
		return gorgonia.Nodes{y}, err
	}, dt, 7, []int{5}, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return &norms{c, gaussians(t, 2)}
}

// weights returns the bits of all parameters.
func weights(t testing.TB, l *Loop) [][]float64 {
	t.Helper()
	var all [][]float64
	for _, p := range l.Model.Params() {
		x, err := nn.Floats(nil, p.Value)
		require.NoError(t, err)
		all = append(all, x)
	}
	return all
}
