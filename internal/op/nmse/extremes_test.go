package nmse_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op/optest"
)

// TestNMSEHasNoUnit scales codes and targets by powers of 2, to where squares are out of
// range: the error stays, and its gradient goes as the inverse.
func TestNMSEHasNoUnit(t *testing.T) {
	round := func(v float64) float64 { return float64(float32(v)) }
	z, target := optest.Normal(1, 1, 4, 5).Map(round), optest.Normal(2, 1, 4, 5).Map(round)
	target.Const = true
	for _, db := range []bool{false, true} {
		c := optest.Case{Name: fmt.Sprint("dB ", db), Build: build(db), In: []optest.Array{z, target}}
		for dt, exps := range map[tensor.Dtype][]int{tensor.Float32: {-120, -70, 70, 120},
			tensor.Float64: {-1000, -540, 500, 540, 1000}} {
			tol := map[tensor.Dtype]float64{tensor.Float32: 1e-6, tensor.Float64: 1e-13}[dt]
			optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
				want, wantGrads, err := run(z, target)
				require.NoError(t, err)
				for _, e := range exps {
					by := func(a optest.Array) optest.Array {
						return a.Map(func(v float64) float64 { return math.Ldexp(v, e) })
					}
					out, grads, err := run(by(z), by(target))
					require.NoError(t, err)
					require.InDelta(t, want[0], out[0], tol*math.Max(1, math.Abs(want[0])), "2^%d", e)
					for i, g := range wantGrads[0] {
						require.InDelta(t, g, math.Ldexp(grads[0][i], e), 10*tol, "2^%d", e)
					}
				}
				_, _, err = run(z, optest.Zeros(4, 5))
				require.ErrorContains(t, err, "the target is 0")
			})
		}
	}
}
