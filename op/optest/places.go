package optest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
)

// A Runner runs a case's op on other inputs of the same shapes. It returns the output
// and, with Weights of the output's size as upstream gradient, the gradients by the
// inputs that are not Const.
type Runner func(in ...Array) (out []float64, grads [][]float64, err error)

// Places calls test with a Runner of c on the host, and on a device where the build has
// one: for what the checks of Run, which compare with differences, cannot see.
func Places(t *testing.T, c Case, dt tensor.Dtype, test func(t *testing.T, run Runner)) {
	t.Helper()
	t.Run(c.Name+"/"+dt.String()+"/host", func(t *testing.T) { test(t, runner(t, c, dt, engine.Placement{})) })
	onDevice(t, c, dt, test)
}

// Weights are the upstream gradient of a Runner.
func Weights(n int) []float64 { return weights(n).Data }

func runner(t *testing.T, c Case, dt tensor.Dtype, at engine.Placement) Runner {
	t.Helper()
	g := newGraph(t, c, dt)
	p, err := engine.Compile(append(gorgonia.Nodes{g.out}, g.grads...), engine.Config{Workers: 2, Placement: at})
	require.NoError(t, err, "compile")
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return func(in ...Array) (out []float64, grads [][]float64, err error) {
		for i, a := range in {
			fill(g.in[i], a.Data)
		}
		if err := p.Run(); err != nil {
			return nil, nil, err
		}
		for i, n := range append(gorgonia.Nodes{g.out}, g.grads...) {
			v, err := p.Value(n)
			require.NoError(t, err)
			if i == 0 {
				out = floats(v)
			} else {
				grads = append(grads, floats(v))
			}
		}
		return out, grads, nil
	}
}
