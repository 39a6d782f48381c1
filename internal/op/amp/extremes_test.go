package amp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/amp"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// TestRootMeanSquareAtEveryMagnitude: ‖v‖/√d scales with v, and its gradient v/(d·rms) does
// not depend on the scale.
func TestRootMeanSquareAtEveryMagnitude(t *testing.T) {
	const n, d = 3, 20
	base := optest.Normal(1, 1, n, d).Map(func(v float64) float64 { return float64(float32(v)) })
	c := optest.Case{Name: "rms", Build: of(amp.RootMeanSquare{}), In: []optest.Array{base}}
	dout := optest.Weights(n)
	for dt, exps := range map[tensor.Dtype][]int{tensor.Float32: {-120, -64, 0, 64, 120},
		tensor.Float64: {-1000, -540, 0, 500, 540, 1000}} {
		tol := map[tensor.Dtype]float64{tensor.Float32: 1e-6, tensor.Float64: 1e-14}[dt]
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			for _, e := range exps {
				out, grads, err := run(base.Map(func(v float64) float64 { return math.Ldexp(v, e) }))
				require.NoError(t, err)
				for i := range n {
					row := base.Data[i*d : (i+1)*d]
					rms := floats.Norm(row, 2) / math.Sqrt(d)
					require.InEpsilon(t, rms, math.Ldexp(out[i], -e), tol, "2^%d", e)
					for j, v := range row {
						require.InDelta(t, dout[i]*v/d/rms, grads[0][i*d+j], tol, "2^%d", e)
					}
				}
			}
		})
	}
}
