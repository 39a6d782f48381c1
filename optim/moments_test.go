package optim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestCheckFiniteRefusesASecondMomentThatOverflows has gradients whose squares leave the
// dtype: unchecked, v would be infinite and the parameter stand still for good. A clipped
// one is none of them, and a penalty of weights may be one.
func TestCheckFiniteRefusesASecondMomentThatOverflows(t *testing.T) {
	largest := map[tensor.Dtype]float64{tensor.Float32: 5.8e20, tensor.Float64: 4.2e155} // √(max/(1−β₂))
	chains := map[string]func(p []*nn.Param, before ...optim.Transform) (*optim.Optimizer, error){
		"Adam": func(p []*nn.Param, before ...optim.Transform) (*optim.Optimizer, error) {
			return optim.NewAdam(p, optim.Constant(0.1), optim.Adam{}, before...)
		},
		"AdamW": func(p []*nn.Param, before ...optim.Transform) (*optim.Optimizer, error) {
			return optim.NewAdamW(p, optim.Constant(0.1), optim.Adam{WeightDecay: 0.1}, before...)
		},
		"ScaleByAdam": func(p []*nn.Param, before ...optim.Transform) (*optim.Optimizer, error) {
			return optim.New(p, append(before, &optim.ScaleByAdam{}, optim.LearningRate{Rate: optim.Constant(0.1)})...)
		},
	}
	for name, chain := range chains {
		for dt, most := range largest {
			t.Run(fmt.Sprint(name, "/", dt), func(t *testing.T) {
				p := []*nn.Param{param(t, "a", dt, 1), param(t, "b", dt, 1, 2)}
				o, err := chain(p, optim.CheckFinite{})
				require.NoError(t, err)
				grads := func(x float64) []*tensor.Dense {
					return []*tensor.Dense{vector(t, dt, 1), vector(t, dt, 1, x)}
				}
				require.NoError(t, o.Step(grads(-0.9*most)), "its square fits, scaled")
				before, step := fmt.Sprint(values(t, p)), o.StepCount()
				moments := fmt.Sprint(o.State())
				err = o.Step(grads(-1.1 * most))
				require.ErrorIs(t, err, optim.ErrNotFinite)
				require.ErrorContains(t, err,
					fmt.Sprintf(`step 2: the second moment of "b" would leave %v at element 1 of 2`, dt))
				require.Equal(t, before, fmt.Sprint(values(t, p)))
				require.Equal(t, moments, fmt.Sprint(o.State()))
				require.Equal(t, step, o.StepCount())
				clipped, err := chain([]*nn.Param{param(t, "a", dt, 1), param(t, "b", dt, 1, 2)}, optim.CheckFinite{},
					optim.ClipNorm{Max: 1})
				require.NoError(t, err)
				require.NoError(t, clipped.Step(grads(1.1*most)))
			})
		}
	}
	p := []*nn.Param{param(t, "a", tensor.Float32, 1, 1e30)}
	o, err := optim.NewAdam(p, optim.Constant(0.1), optim.Adam{WeightDecay: 0.1}, optim.CheckFinite{})
	require.NoError(t, err)
	require.ErrorContains(t, o.Step([]*tensor.Dense{vector(t, tensor.Float32, 1, 1)}), "at element 1 of 2: clip")
}
