package train_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/report"
	"github.com/whitebox-nn/whitebox/train"
)

// compared is a loop that trains an unrolled network of float64 on all of a set at
// once, and measures every layer as it goes.
func compared(t *testing.T) (*train.Loop, *models.LISTANet, *data.Set) {
	t.Helper()
	set, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: 40, Measurements: 10, Atoms: 20, Density: 0.1,
		Seed: 4})
	require.NoError(t, err)
	body, err := layers.NewLISTA(layers.LISTAConfig{
		UnrollConfig: layers.UnrollConfig{Name: "body", A: mat.NewDense(10, 20, a), Layers: 3, Lambda: 0.1,
			Dtype: tensor.Float64}, Untied: true,
	})
	require.NoError(t, err)
	net, err := models.NewLISTANet(models.LISTANetConfig{Body: body, Watch: true})
	require.NoError(t, err)
	source, err := data.NewBatches(set, data.BatchConfig{Size: set.Len()})
	require.NoError(t, err)
	adam, err := optim.NewAdam(net.Params(), optim.Constant(0.01), optim.Adam{})
	require.NoError(t, err)
	loop := &train.Loop{Model: net, Loss: losses.Compared{Of: losses.CodeError{}, Model: net}, Optimizer: adam,
		Source: source, Steps: 1}
	t.Cleanup(func() { require.NoError(t, loop.Close()) })
	return loop, net, set
}

// TestProbesAreTheRecovery: what the graph says of its layers is what SparseEval
// measures outside it, of the parameters before the step.
func TestProbesAreTheRecovery(t *testing.T) {
	loop, net, set := compared(t)
	r, err := train.NewSparseEval(net, 3, true, set, 7, nn.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	for step := 1; step <= 3; step++ {
		want, err := r.Layers(context.Background())
		require.NoError(t, err)
		loop.Steps = step
		loop.Hooks = []train.Hook{train.HookFunc(func(e *train.Event) error {
			for i, layer := range want {
				for name, v := range map[string]float64{"nmse_db": layer.NMSE, "sparsity": layer.Sparsity,
					"precision": layer.Precision, "recall": layer.Recall} {
					got, ok := e.Metric(fmt.Sprint("lista.", name, i+1))
					require.True(t, ok, "%s of layer %d is in the event", name, i+1)
					require.InDelta(t, v, got, 1e-12, "%s of layer %d", name, i+1)
				}
			}
			return nil
		})}
		require.NoError(t, loop.Run(context.Background()))
	}
}

// TestLogsHaveEveryLayer reads the log as a figure does.
func TestLogsHaveEveryLayer(t *testing.T) {
	loop, _, _ := compared(t)
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	log, err := train.NewJSONL(path, 1)
	require.NoError(t, err)
	loop.Steps, loop.Hooks = 20, []train.Hook{log}
	require.NoError(t, loop.Run(context.Background()))
	h, err := report.ReadHistory(path)
	require.NoError(t, err)
	for _, name := range []string{"nmse_db1", "nmse_db3", "precision2", "recall3", "sparsity1", "theta2"} {
		steps, values := h.Series("train", "lista."+name)
		require.Len(t, steps, 20, name)
		require.NotEqual(t, values[0], values[19], name)
	}
}

// TestStagewiseTrainsWhatComparesItself: a LISTANet is an Unrolled network, of which
// a stage has the layers that there are.
func TestStagewiseTrainsWhatComparesItself(t *testing.T) {
	body, s := recoveryTask(t, nn.Options{}, 3)
	net, err := models.NewLISTANet(models.LISTANetConfig{Body: body})
	require.NoError(t, err)
	seen := map[int]bool{}
	s.Net, s.Loss, s.MaxSteps = net, losses.Compared{Of: losses.CodeError{}, Model: net}, 2
	s.Hooks = []train.Hook{train.HookFunc(func(e *train.Event) error {
		layer := 0
		for ok := true; ok; layer++ {
			_, ok = e.Metric(fmt.Sprint("lista.nmse_db", layer+1))
		}
		seen[layer-1] = true
		return nil
	})}
	require.NoError(t, s.Run(context.Background()))
	require.Equal(t, map[int]bool{1: true, 2: true, 3: true}, seen)
}
