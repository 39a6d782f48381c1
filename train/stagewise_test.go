package train_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

// recoveryTask is a small sparse recovery problem.
func recoveryTask(t testing.TB, o nn.Options, depth int) (*layers.LISTACP, *train.Stagewise) {
	t.Helper()
	cfg := data.SparseCodesConfig{Samples: 64, Measurements: 10, Atoms: 20, Density: 0.1, Seed: 4}
	source, a, err := data.NewSparseStream(cfg, 16)
	require.NoError(t, err)
	cfg.Stream = 7
	valid, _, err := data.SparseCodes(cfg)
	require.NoError(t, err)
	net, err := layers.NewLISTACP(layers.LISTACPConfig{
		UnrollConfig: layers.UnrollConfig{Name: "net", A: mat.NewDense(10, 20, a), Layers: depth}, Untied: true,
	})
	require.NoError(t, err)
	return net, &train.Stagewise{Net: net, Source: source, Validation: valid, LR: 5e-3, MaxSteps: 60, EvaluateEvery: 5,
		BetterWait: 20, Options: o}
}

// A stageLog is a hook that keeps what it was told.
type stageLog struct {
	stages []train.Stage
	steps  int
	stop   int // cancel after that many steps
	cancel context.CancelFunc
}

func (l *stageLog) Step(*train.Event) error {
	if l.steps++; l.steps == l.stop {
		l.cancel()
	}
	return nil
}

func (l *stageLog) EndStage(s train.Stage) error { l.stages = append(l.stages, s); return nil }

func values(t testing.TB, ps []*nn.Param) (all []float64) {
	t.Helper()
	var err error
	for _, p := range ps {
		all, err = nn.Floats(all, p.Value)
		require.NoError(t, err)
	}
	return all
}

func TestStagewiseGetsBetterStageByStage(t *testing.T) {
	train.Everywhere(t, testStagewiseGetsBetterStageByStage)
}

func testStagewiseGetsBetterStageByStage(t *testing.T, o nn.Options) {
	net, s := recoveryTask(t, o, 3)
	log := &stageLog{}
	s.Hooks, s.MaxSteps, s.BetterWait = []train.Hook{log}, 200, 60
	require.NoError(t, s.Run(context.Background()))
	require.Len(t, log.stages, 9)
	for i, st := range log.stages {
		require.Equal(t, i+1, st.Number)
		require.Equal(t, i/3+1, st.Layer)
		require.Equal(t, i%3 > 0, st.Joint)
		if st.Joint {
			require.LessOrEqual(t, st.NMSE, log.stages[i-1].NMSE,
				"a joint stage begins with the best of the one before")
		}
	}
	r, err := train.NewSparseEval(net, 3, true, s.Validation, 10, o)
	require.NoError(t, err)
	defer r.Close()
	got, err := r.Layers(context.Background())
	require.NoError(t, err)
	require.InDelta(t, log.stages[8].NMSE, got[2].NMSE, 1e-5, "the best parameters were restored")
	require.Less(t, got[2].NMSE, got[0].NMSE)
	fresh, _ := recoveryTask(t, o, 3)
	before, err := train.NewSparseEval(fresh, 3, false, s.Validation, 10, o)
	require.NoError(t, err)
	defer before.Close()
	was, err := before.Evaluate(context.Background())
	require.NoError(t, err)
	require.Less(t, got[2].NMSE, was[0].Value-3, "3 dB better than ISTA")
}

func TestTheFirstStageOfALayerLeavesTheOthers(t *testing.T) {
	train.Everywhere(t, testTheFirstStageOfALayerLeavesTheOthers)
}

func testTheFirstStageOfALayerLeavesTheOthers(t *testing.T, o nn.Options) {
	net, s := recoveryTask(t, o, 2)
	s.Decays = []float64{}
	ctx, cancel := context.WithCancel(context.Background())
	log := &stageLog{cancel: cancel}
	s.Hooks = []train.Hook{log}
	s.Layers = 1
	require.NoError(t, s.Run(ctx))
	first, second := values(t, net.Stage(1)), values(t, net.Stage(2))
	fresh, _ := recoveryTask(t, o, 2)
	require.NotEqual(t, values(t, fresh.Stage(1)), first)
	require.Equal(t, values(t, fresh.Stage(2)), second)
	s.Layers = 2
	require.NoError(t, s.Run(ctx))
	require.Equal(t, first, values(t, net.Stage(1)))
	require.NotEqual(t, second, values(t, net.Stage(2)))
}

// TestStagewiseResumesInAStage interrupts a run within stages and at the end of
// one, and goes on in new objects: the bits are those of a run that was not.
func TestStagewiseResumesInAStage(t *testing.T) { train.Everywhere(t, testStagewiseResumesInAStage) }

func testStagewiseResumesInAStage(t *testing.T, o nn.Options) {
	whole, s := recoveryTask(t, o, 2)
	log := &stageLog{}
	s.Hooks = []train.Hook{log}
	require.NoError(t, s.Run(context.Background()))
	end := log.stages[0].Steps
	for _, stop := range []int{3, 17, end, end + 7, log.stages[4].Steps + 1} {
		dir := t.TempDir()
		_, s := recoveryTask(t, o, 2)
		ctx, cancel := context.WithCancel(context.Background())
		s.Dir, s.Hooks = dir, []train.Hook{&stageLog{stop: stop, cancel: cancel}}
		require.ErrorIs(t, s.Run(ctx), context.Canceled)
		net, s := recoveryTask(t, o, 2)
		s.Dir = dir
		require.NoError(t, s.Resume(s.Checkpoint()))
		require.NoError(t, s.Run(context.Background()))
		require.Equal(t, values(t, whole.Params()), values(t, net.Params()), "stopped after step %d", stop)
	}
}

func TestStagewiseReports(t *testing.T) {
	_, s := recoveryTask(t, nn.Options{}, 2)
	require.ErrorContains(t, (&train.Stagewise{}).Run(context.Background()), "no Net")
	s.Layers = 3
	require.ErrorContains(t, s.Run(context.Background()), "Layers 3 of 2")
	_, s = recoveryTask(t, nn.Options{}, 2)
	require.ErrorContains(t, s.Resume(filepath.Join(t.TempDir(), "none")), "none")
	other, s3 := recoveryTask(t, nn.Options{}, 3)
	s3.Dir, s3.Layers, s3.MaxSteps = t.TempDir(), 1, 2
	require.NoError(t, s3.Run(context.Background()))
	require.NotNil(t, other)
	require.ErrorIs(t, s.Resume(s3.Checkpoint()), train.ErrCheckpoint)
	digits, _, err := data.Digits()
	require.NoError(t, err)
	_, err = train.NewSparseEval(other, 1, false, digits, 10, nn.Options{})
	require.ErrorContains(t, err, "no set of samples with codes")
}
