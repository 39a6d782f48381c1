package optim_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestGroupsLearnAtTheirOwnRates compares with optimizers of each group alone.
func TestGroupsLearnAtTheirOwnRates(t *testing.T) {
	for _, d := range dtypes {
		ps, alone := model(t, d.dt), model(t, d.dt)
		o, err := optim.New(ps, &optim.ScaleByAdam{}, optim.Groups{{Params: ps[:1], Factor: 0.5},
			{Params: ps[2:], Factor: 0}}, optim.LearningRate{Rate: optim.Constant(0.1)})
		require.NoError(t, err)
		slow, err := optim.NewAdam(alone[:1], optim.Constant(0.05), optim.Adam{})
		require.NoError(t, err)
		fast, err := optim.NewAdam(alone[1:2], optim.Constant(0.1), optim.Adam{})
		require.NoError(t, err)
		for range 3 {
			grads := func(ps []*nn.Param) (gs []*tensor.Dense) {
				for _, p := range ps {
					gs = append(gs, p.Value.Clone().(*tensor.Dense))
				}
				return gs
			}
			require.NoError(t, o.Step(grads(ps)))
			require.NoError(t, slow.Step(grads(alone[:1])))
			require.NoError(t, fast.Step(grads(alone[1:2])))
		}
		for i := range ps {
			require.InDeltaSlice(t, floats(t, alone[i].Value), floats(t, ps[i].Value), 10*d.tol, ps[i].Name)
		}
	}
}

func TestGroupsReport(t *testing.T) {
	ps := model(t, tensor.Float64)
	for _, gs := range []optim.Groups{
		{{Params: ps[:1], Factor: -1}}, {{Params: ps[:1], Factor: 1}, {Params: ps[:1], Factor: 1}},
		{{Params: model(t, tensor.Float64)[:1]}},
	} {
		_, err := optim.New(ps, gs)
		require.Error(t, err)
	}
}
