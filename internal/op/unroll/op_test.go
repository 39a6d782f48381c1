package unroll_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/unroll"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func affine(c float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(unroll.Affine{C: c}, in...)
	}
}

func step(c float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(unroll.Step{C: c}, in...)
	}
}

// preactivation is b + c·v Wᵀ by gonum.
func preactivation(c float64, in []optest.Array) []float64 {
	dense := func(a optest.Array) *mat.Dense { return mat.NewDense(a.Shape[0], a.Shape[1], a.Data) }
	var u mat.Dense
	u.Mul(dense(in[1]), dense(in[2]).T())
	u.Scale(c, &u)
	u.Add(&u, dense(in[0]))
	return u.RawMatrix().Data
}

func stepRef(c float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		u := preactivation(c, in)
		for i, v := range u {
			u[i] = math.Copysign(math.Max(math.Abs(v)-theta(in, i), 0), v)
		}
		return u
	}
}

func theta(in []optest.Array, i int) float64 {
	return in[3].Data[i%in[0].Shape[1]%len(in[3].Data)]
}

// smooth reports that nothing is so near to a threshold that the checks move it over.
func smooth(c float64) func(in ...optest.Array) bool {
	return func(in ...optest.Array) bool {
		for i, v := range preactivation(c, in) {
			if math.Abs(math.Abs(v)-theta(in, i)) < 2e-4 {
				return false
			}
		}
		return true
	}
}

func inputs(seed uint64, n, d, k, l int, level float64) []optest.Array {
	return []optest.Array{
		optest.Normal(seed, 1, n, d), optest.Normal(seed+1, 1, n, k), optest.Normal(seed+2, 0.5, d, k),
		optest.Normal(seed+3, 0.1, l).Map(func(v float64) float64 { return level + v }),
	}
}

func TestAffineAndStep(t *testing.T) {
	var cases []optest.Case
	for _, s := range []struct {
		n, d, k, l int
		c, level   float64
	}{{1, 1, 1, 1, 1, 0.5}, {3, 5, 4, 5, 1, 0.7}, {3, 5, 4, 1, -2, 0.7}, {2, 7, 1, 7, 0.5, -0.4}, {70, 30, 20, 1, 1, 1},
		{40, 450, 3, 450, 1, 1}} {
		name := fmt.Sprintf("%+v", s)
		in := inputs(5, s.n, s.d, s.k, s.l, s.level)
		cases = append(cases,
			optest.Case{Name: "affine " + name, Build: affine(s.c), In: in[:3],
				Ref: func(in ...optest.Array) []float64 { return preactivation(s.c, in) }},
			optest.Case{Name: "step " + name, Build: step(s.c), Ref: stepRef(s.c), In: in, Step: 1e-7, Smooth: nil})
	}
	optest.Run(t, cases)
}

func TestStepGradientsAwayFromKinks(t *testing.T) {
	in := inputs(11, 4, 6, 3, 6, 0.8)
	require.True(t, smooth(1)(in...), "choose another seed")
	optest.Run(t, []optest.Case{{Name: "smooth", Build: step(1), Ref: stepRef(1), In: in, Smooth: smooth(1)}})
}

func TestStepKeepsNaN(t *testing.T) {
	in := inputs(1, 2, 3, 2, 1, 0.5)
	in[1].Data[0] = math.NaN()
	out, err := optest.Eval(tensor.Float32, step(1), in...)
	require.NoError(t, err)
	for i, v := range out {
		require.Equal(t, i < 3, math.IsNaN(v), "element %d", i)
	}
}

func TestStepReportsWhatDoesNotFit(t *testing.T) {
	in := inputs(1, 2, 3, 2, 2, 0.5)
	_, err := optest.Eval(tensor.Float64, step(1), in...)
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "b is 2×3 but θ has length 2, want 3 or 1")
	in = inputs(1, 2, 3, 2, 1, 0.5)
	in[1] = optest.Zeros(2, 5)
	_, err = optest.Eval(tensor.Float64, step(1), in...)
	require.ErrorContains(t, err, "b is 2×3, v 2×5 and W 3×2, want n×d, n×k and d×k")
	_, err = optest.Eval(tensor.Float64, affine(math.NaN()), inputs(1, 2, 3, 2, 1, 0)[:3]...)
	require.ErrorContains(t, err, "factor is NaN")
}
