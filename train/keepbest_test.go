package train

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// measures is an Evaluator that returns a list of values, one after the other.
type measures struct{ values []float64 }

func (m *measures) Evaluate(context.Context) ([]Metric, error) {
	v := m.values[0]
	m.values = m.values[1:]
	return []Metric{{"v", v}}, nil
}

// TestTheBestIsRestored trains with values that are best after step 3: in memory, and in a file; and
// where the run is cut in two behind it.
func TestTheBestIsRestored(t *testing.T) { Everywhere(t, testTheBestIsRestored) }

func testTheBestIsRestored(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		values := []float64{3, 2, 1, math.NaN(), 5, 1}
		for _, lower := range []bool{true, false} {
			three := recipe{options: o, dt: dt, steps: 3, adam: true}.loop(t)
			require.NoError(t, three.Run(t.Context()))
			want := weights(t, three)

			dir := t.TempDir()
			of := func(steps int, values []float64) (*Loop, *KeepBest, *Checkpoint) {
				l := recipe{options: o, dt: dt, steps: steps, adam: true}.loop(t)
				seen := append([]float64(nil), values...)
				if !lower {
					for i := range seen {
						seen[i] = -seen[i]
					}
				}
				l.Evaluator, l.EvaluateEvery = &measures{seen}, 1
				best := &KeepBest{Params: l.Model.Params(), Metric: "val_v", Lower: lower}
				file := &Checkpoint{Dir: dir, Metric: "val_v", Lower: lower}
				l.Hooks = []Hook{file, best} // whose turn is before
				return l, best, file
			}
			check := func(l *Loop, best *KeepBest, file *Checkpoint) {
				t.Helper()
				after := weights(t, l)
				require.NotEqual(t, want, after)
				value, step := best.Best()
				require.Equal(t, 3, step)
				require.Equal(t, 1.0, math.Abs(value))
				require.NoError(t, best.RestoreBest())
				require.Equal(t, want, weights(t, l))
				require.NoError(t, nn.SetFloats(l.Model.Params()[0].Value, after[0]))
				nn.Changed(l.Model.Params())
				require.NoError(t, file.RestoreBest(l.Model.Params()))
				require.Equal(t, want, weights(t, l))
			}
			l, best, file := of(6, values)
			require.NoError(t, l.Run(t.Context()))
			check(l, best, file)

			l, _, _ = of(4, values)
			require.NoError(t, l.Run(t.Context()))
			l, best, file = of(6, values[4:])
			require.NoError(t, l.Resume(filepath.Join(dir, "last.safetensors")))
			_, step := best.Best()
			require.Equal(t, 3, step, "the checkpoint has it")
			require.NoError(t, l.Run(t.Context()))
			check(l, best, file)
		}
	}
}

func TestThereIsNoBestYet(t *testing.T) {
	l := recipe{steps: 1}.loop(t)
	best := &KeepBest{Params: l.Model.Params(), Metric: "loss"}
	require.ErrorContains(t, best.RestoreBest(), "no value of the metric was seen yet")
	_, step := best.Best()
	require.Zero(t, step)
	require.ErrorContains(t, (&Checkpoint{Metric: "loss"}).RestoreBest(nil), `no value of the Metric "loss"`)
	require.ErrorContains(t, (*Checkpoint)(nil).RestoreBest(nil), "is nil")
	for want, k := range map[string]*KeepBest{
		"0 Params and the Metric": {Metric: "loss"},
		`the Metric ""`:           {Params: l.Model.Params()},
		"parameter 1 of 1 is nil": {Params: []*nn.Param{nil}, Metric: "loss"},
		"the KeepBest is nil":     nil,
		`parameter "p" is `: {Params: []*nn.Param{{Name: "p", Value: tensor.New(tensor.WithShape(2),
			tensor.Of(tensor.Int64))}}, Metric: "loss"},
	} {
		require.ErrorContains(t, k.Step(&Event{}), want)
		require.Error(t, k.RestoreTensors(nil))
		require.Error(t, k.RestoreBest())
	}
	l.Hooks = []Hook{&KeepBest{Params: l.Model.Params(), Metric: "val_accuracy"}}
	require.ErrorContains(t, l.Run(t.Context()), `needs the metric "val_accuracy", which is not there`)
}

// A state that lies is refused, and what was kept stays.
func TestABestThatIsNone(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		l := recipe{steps: 1, dt: dt}.loop(t)
		best := &KeepBest{Params: l.Model.Params(), Metric: "loss", Lower: true}
		l.Hooks = []Hook{best}
		require.NoError(t, l.Run(t.Context()))
		value, _ := best.Best()
		state := func() (all []optim.State) {
			tensors, err := best.Tensors()
			require.NoError(t, err)
			for _, s := range tensors {
				all = append(all, optim.State{Name: s.Name, Value: s.Value.Clone().(*tensor.Dense)})
			}
			return all
		}
		for want, change := range map[string]func(s []optim.State){
			`tensor "value" is missing`:     func(s []optim.State) { s[0].Name = "other" },
			"or not int64":                  func(s []optim.State) { s[1].Value = s[0].Value },
			"the best value is NaN":         func(s []optim.State) { s[0].Value.Float64s()[0] = math.NaN() },
			"of step -1":                    func(s []optim.State) { s[1].Value.Int64s()[0] = -1 },
			`"mlp.linear0.bias" is missing`: func(s []optim.State) { s[3].Value = nil },
		} {
			s := state()
			change(s)
			require.ErrorContains(t, best.RestoreTensors(s), want)
			now, step := best.Best()
			require.Equal(t, value, now)
			require.Equal(t, 1, step)
		}
		require.NoError(t, best.RestoreTensors(state()))
	}
}
