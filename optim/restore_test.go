package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestMomentsThatNoStepGoesOnFromAreRefused puts NaN, infinities and squares below 0 into
// each tensor of the states of all optimizers. What was there stays.
func TestMomentsThatNoStepGoesOnFromAreRefused(t *testing.T) {
	rate := optim.Constant(0.1)
	makers := map[string]func([]*nn.Param) (*optim.Optimizer, error){
		"SGD": func(p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewSGD(p, rate, optim.SGD{Momentum: 0.9})
		},
		"Adam":  func(p []*nn.Param) (*optim.Optimizer, error) { return optim.NewAdam(p, rate, optim.Adam{}) },
		"AdamW": func(p []*nn.Param) (*optim.Optimizer, error) { return optim.NewAdamW(p, rate, optim.Adam{}) },
		"chain": func(p []*nn.Param) (*optim.Optimizer, error) {
			return optim.New(p, &optim.Momentum{Mu: 0.5}, &optim.ScaleByAdam{})
		},
	}
	for name, maker := range makers {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			p := []*nn.Param{param(t, "a", dt, 1, 2)}
			o, err := maker(p)
			require.NoError(t, err)
			require.NoError(t, o.Step([]*tensor.Dense{vector(t, dt, 1, -2)}))
			good := cloned(o.State())
			require.NoError(t, o.Restore(good))
			squares := 0
			for i := range good[1:] {
				for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1e-30} {
					state := cloned(good)
					require.NoError(t, nn.SetFloats(state[i+1].Value, []float64{1, bad}))
					err := o.Restore(state)
					isSquare := state[i+1].Name == "optim.a.v"
					if bad == -1e-30 && !isSquare {
						require.NoError(t, err, "a first moment has a sign")
						require.NoError(t, o.Restore(good))
						continue
					}
					require.ErrorIs(t, err, optim.ErrState, "%s %v %v", name, dt, bad)
					require.ErrorContains(t, err, fmt.Sprintf("optim: restore: %q holds ", state[i+1].Name))
					require.ErrorContains(t, err, "at element 1 of 2")
					require.Equal(t, fmt.Sprint(good), fmt.Sprint(o.State()))
					if isSquare {
						squares++
					}
				}
			}
			if name != "SGD" {
				require.Equal(t, 4, squares)
			}
		}
	}
}

func cloned(state []optim.State) (out []optim.State) {
	for _, s := range state {
		out = append(out, optim.State{Name: s.Name, Value: s.Value.Clone().(*tensor.Dense)})
	}
	return out
}

func TestAveragesThatAreNotFiniteAreRefused(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		e, err := optim.NewEMA([]*nn.Param{param(t, "a", dt, 1, 2)}, optim.EMAConfig{})
		require.NoError(t, err)
		good, err := e.State()
		require.NoError(t, err)
		for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
			state := cloned(good)
			require.NoError(t, nn.SetFloats(state[1].Value, []float64{bad, 1}))
			err := e.Restore(state)
			require.ErrorIs(t, err, optim.ErrState)
			require.ErrorContains(t, err, `optim: EMA: restore: "ema.a" holds `)
		}
		state := cloned(good)
		require.NoError(t, nn.SetFloats(state[1].Value, []float64{-3, 1}))
		require.NoError(t, e.Restore(state), "an average has a sign")
	}
}
