package shrink_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/shrink"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(shrink.Soft{}, in...)
}

// threshold returns the θ that meets element i.
func threshold(theta, x optest.Array, i int) float64 {
	return theta.Data[i%x.Shape[len(x.Shape)-1]%len(theta.Data)]
}

// ref is the minimiser of θ|u| + ½(u − x)² by comparing the three candidates.
func ref(in ...optest.Array) []float64 {
	out := make([]float64, len(in[0].Data))
	for i, x := range in[0].Data {
		t := threshold(in[1], in[0], i)
		cost := func(u float64) float64 { return t*math.Abs(u) + (u-x)*(u-x)/2 }
		for _, u := range []float64{math.Max(x-t, 0), math.Min(x+t, 0)} {
			if cost(u) < cost(out[i]) {
				out[i] = u
			}
		}
	}
	return out
}

// smooth reports that no element is nearer to a kink than the checks move it.
func smooth(in ...optest.Array) bool {
	for i, x := range in[0].Data {
		if math.Abs(math.Abs(x)-threshold(in[1], in[0], i)) < 1e-3 {
			return false
		}
	}
	return true
}

// awayFrom returns x with every element at least 0.06 from the threshold θ.
func awayFrom(seed uint64, theta float64, shape ...int) optest.Array {
	return optest.Normal(seed, 1, shape...).Map(func(v float64) float64 {
		if m := math.Abs(v); math.Abs(m-theta) < 0.06 {
			return math.Copysign(theta+0.1, v)
		}
		return v
	})
}

func TestSoft(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{1}, {5}, {3, 4}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
		for _, d := range []int{1, shape[len(shape)-1]} {
			theta := optest.Zeros(d).Map(func(float64) float64 { return 0.5 })
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v, %d thresholds", shape, d), Build: build, Ref: ref,
				Smooth: smooth,
				In:     []optest.Array{awayFrom(1, 0.5, shape...), theta}})
		}
	}
	optest.Run(t, cases)
}

// TestSoftIsNonexpansive checks |S(x) − S(y)| ≤ |x − y|, as for every proximal
// operator.
func TestSoftIsNonexpansive(t *testing.T) {
	x, y, theta := optest.Normal(1, 1, 40, 5), optest.Normal(2, 1, 40, 5), optest.Normal(3, 1, 5).Map(math.Abs)
	eval := func(x optest.Array) []float64 {
		out, err := optest.Eval(tensor.Float64, build, x, theta)
		require.NoError(t, err)
		return out
	}
	sx, sy := eval(x), eval(y)
	for i := range sx {
		require.LessOrEqual(t, math.Abs(sx[i]-sy[i]), math.Abs(x.Data[i]-y.Data[i])+1e-15)
	}
}

// TestNegativeThresholdsAreTheFormula: sgn(x)·(|x| − θ) also where |x| < −θ.
func TestNegativeThresholdsAreTheFormula(t *testing.T) {
	x := optest.Of([]float64{2, -2, 0.5, -0.5, 0}, 5)
	for _, theta := range [][]float64{{-1}, {-1, -1, -1, -1, -1}} {
		out, err := optest.Eval(tensor.Float64, build, x, optest.Of(theta, len(theta)))
		require.NoError(t, err)
		require.Equal(t, []float64{3, -3, 1.5, -1.5, 0}, out)
	}
}

func TestSoftKeepsNaN(t *testing.T) {
	out, err := optest.Eval(tensor.Float32, build, optest.Of([]float64{math.NaN(), 2}, 2), optest.Of([]float64{1}, 1))
	require.NoError(t, err)
	require.True(t, math.IsNaN(out[0]))
	require.Equal(t, 1.0, out[1])
}

func TestSoftReportsThresholdsThatDoNotFit(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, build, optest.Zeros(3, 4), optest.Zeros(3))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "x is (3, 4) but θ has length 3, want 4 or 1")
}
