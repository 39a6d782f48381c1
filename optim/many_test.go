package optim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestManyParametersMoveAsEachAlone has more parameters than an op of the host takes, of
// which some do not decay: an optimizer of all does to the bit what one of each does.
func TestManyParametersMoveAsEachAlone(t *testing.T) {
	const n = 300
	some := func(dt tensor.Dtype) (p []*nn.Param, g []*tensor.Dense) {
		for i := range n {
			q, err := nn.NewParam(fmt.Sprintf("p%d", i), dt, 1+i%3)
			require.NoError(t, err)
			q.NoDecay = i%7 == 0
			d := tensor.New(tensor.WithShape(1+i%3), tensor.Of(dt))
			x, y := make([]float64, 1+i%3), make([]float64, 1+i%3)
			for j := range x {
				x[j], y[j] = float64(i+j)/n, float64(i*j%11)/8-0.5
			}
			require.NoError(t, nn.SetFloats(q.Value, x))
			require.NoError(t, nn.SetFloats(d, y))
			p, g = append(p, q), append(g, d)
		}
		return p, g
	}
	for _, r := range rules {
		for _, d := range dtypes {
			p, g := some(d.dt)
			all, err := r.named(p, optim.Constant(0.1))
			require.NoError(t, err)
			alone, own := some(d.dt) // a step writes to gradients
			for range 3 {
				require.NoError(t, all.Step(g))
			}
			for i, q := range alone {
				one, err := r.named([]*nn.Param{q}, optim.Constant(0.1))
				require.NoError(t, err)
				for range 3 {
					require.NoError(t, one.Step(own[i:i+1]))
				}
				require.Equal(t, floats(t, q.Value), floats(t, p[i].Value), "%s, parameter %d", r.name, i)
			}
		}
	}
}

// BenchmarkFirstStepOfManyParameters is linear in their number.
func BenchmarkFirstStepOfManyParameters(b *testing.B) {
	for _, n := range []int{1000, 2000, 4000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var p []*nn.Param
			var g []*tensor.Dense
			for i := range n {
				q, err := nn.NewParam(fmt.Sprintf("p%d", i), tensor.Float32, 2)
				require.NoError(b, err)
				p, g = append(p, q), append(g, tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float32)))
			}
			for b.Loop() {
				o, err := optim.NewAdam(p, optim.Constant(1e-3), optim.Adam{})
				require.NoError(b, err)
				require.NoError(b, o.Step(g))
			}
		})
	}
}
