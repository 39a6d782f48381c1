package optim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// dtypes are what every rule works in, and how close to float64 arithmetic.
var dtypes = []struct {
	dt  tensor.Dtype
	tol float64
}{{tensor.Float64, 1e-12}, {tensor.Float32, 1e-5}}

func dense(t testing.TB, dt tensor.Dtype, shape []int, x []float64) *tensor.Dense {
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	require.NoError(t, nn.SetFloats(v, x))
	return v
}

func vector(t testing.TB, dt tensor.Dtype, x ...float64) *tensor.Dense {
	return dense(t, dt, []int{len(x)}, x)
}

func param(t testing.TB, name string, dt tensor.Dtype, x ...float64) *nn.Param {
	return &nn.Param{Name: name, Value: vector(t, dt, x...)}
}

func floats(t testing.TB, v *tensor.Dense) []float64 {
	x, err := nn.Floats(nil, v)
	require.NoError(t, err)
	return x
}

func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// model returns a few parameters, one of them exempt from decay.
func model(t testing.TB, dt tensor.Dtype) []*nn.Param {
	rng := rand.New(rand.NewPCG(1, 2))
	ps := []*nn.Param{
		{Name: "w", Value: dense(t, dt, []int{4, 3}, normal(rng, 12))},
		{Name: "b", Value: dense(t, dt, []int{3}, normal(rng, 3)), NoDecay: true},
		{Name: "one", Value: dense(t, dt, []int{1}, normal(rng, 1))},
	}
	return ps
}

// gradsOf returns the gradients of a step, a function of the step alone.
func gradsOf(t testing.TB, params []*nn.Param, step int) []*tensor.Dense {
	rng := rand.New(rand.NewPCG(3, uint64(step)))
	gs := make([]*tensor.Dense, len(params))
	for i, p := range params {
		gs[i] = dense(t, p.Value.Dtype(), p.Value.Shape(), normal(rng, p.Value.Size()))
	}
	return gs
}

// run takes the steps lo, …, hi.
func run(t testing.TB, o *optim.Optimizer, lo, hi int) {
	for s := lo; s <= hi; s++ {
		require.NoError(t, o.Step(gradsOf(t, o.Params(), s)))
	}
}

// values returns all elements of params.
func values(t testing.TB, params []*nn.Param) (all []float64) {
	for _, p := range params {
		all = append(all, floats(t, p.Value)...)
	}
	return all
}

// near requires |got − want| ≤ tol·(1 + |want|), element by element.
func near(t testing.TB, want, got []float64, tol float64, msg ...any) {
	t.Helper()
	require.Len(t, got, len(want), msg...)
	for i, w := range want {
		if d := got[i] - w; !(d <= tol*(1+abs(w)) && -d <= tol*(1+abs(w))) {
			require.Failf(t, "not near", "element %d: %.17g, want %.17g; %v", i, got[i], w, fmt.Sprint(msg...))
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

// A golden is a trajectory of torch.optim.
type golden struct {
	Params struct {
		LR, Eps, Momentum, Gamma float64
		WeightDecay              float64 `json:"weight_decay"`
		Betas                    [2]float64
		Nesterov                 bool
		Milestones               []int
		TMax                     int `json:"t_max"`
	}
	Tensors struct{ P0, Grads, Trajectory array }
}

type array struct {
	Shape []int
	Data  []float64
}

func readGolden(t testing.TB, name string) (g golden) {
	b, err := os.ReadFile("../internal/conformance/testdata/optim_" + name + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &g))
	return g
}
