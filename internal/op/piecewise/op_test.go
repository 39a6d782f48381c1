package piecewise_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/piecewise"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type build func(in ...*gorgonia.Node) (*gorgonia.Node, error)

func of(k op.Op) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

var shapes = [][]int{{}, {1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}}

// at returns element i of an operand that meets x.
func at(x, p optest.Array, i int) float64 {
	switch len(p.Data) {
	case len(x.Data):
		return p.Data[i]
	case 1:
		return p.Data[0]
	}
	return p.Data[i%len(p.Data)]
}

func TestLeakyReLU(t *testing.T) {
	var cases []optest.Case
	for _, a := range []float64{0.01, 0, -2, 1} {
		// a·min(x, 0) + max(x, 0)
		ref := func(in ...optest.Array) []float64 {
			return in[0].Map(func(x float64) float64 { return a*math.Min(x, 0) + math.Max(x, 0) }).Data
		}
		for _, shape := range shapes {
			cases = append(cases, optest.Case{Name: fmt.Sprint(a, shape), Build: of(piecewise.LeakyReLU{Slope: a}),
				Ref: ref, In: []optest.Array{optest.Normal(1, 2, shape...)}, Step: 1e-6, Smooth: away})
		}
	}
	optest.Run(t, cases)
}

// away reports that no element is near the kink.
func away(in ...optest.Array) bool {
	for _, x := range in[0].Data {
		if math.Abs(x) < 1e-5 {
			return false
		}
	}
	return true
}

// operands are a second operand of x's shape, one of a row's, and a number.
func operands(shape []int) []optest.Array {
	p := []optest.Array{optest.Normal(2, 1, shape...)}
	if len(shape) > 0 {
		p = append(p, optest.Normal(3, 1, shape[len(shape)-1]))
	}
	return append(p, optest.Normal(4, 1, 1))
}

func TestPReLU(t *testing.T) {
	ref := func(in ...optest.Array) []float64 {
		out := optest.Zeros(in[0].Shape...)
		for i, x := range in[0].Data {
			out.Data[i] = at(in[0], in[1], i)*math.Min(x, 0) + math.Max(x, 0)
		}
		return out.Data
	}
	var cases []optest.Case
	for _, shape := range shapes {
		for _, p := range operands(shape) {
			cases = append(cases, optest.Case{Name: fmt.Sprint(shape, p.Shape), Build: of(piecewise.PReLU{}), Ref: ref,
				In: []optest.Array{optest.Normal(1, 2, shape...), p}, Step: 1e-6, Smooth: away})
		}
	}
	optest.Run(t, cases)
}

func TestMaximumAndMinimum(t *testing.T) {
	var cases []optest.Case
	for sign, k := range map[float64]op.Op{1: piecewise.Maximum{}, -1: piecewise.Minimum{}} {
		// max(x, y) = ½(x + y + |x − y|), min with −.
		ref := func(in ...optest.Array) []float64 {
			out := optest.Zeros(in[0].Shape...)
			for i, x := range in[0].Data {
				y := at(in[0], in[1], i)
				out.Data[i] = (x + y + sign*math.Abs(x-y)) / 2
			}
			return out.Data
		}
		for _, shape := range shapes {
			for _, p := range operands(shape) {
				cases = append(cases, optest.Case{Name: fmt.Sprint(op.Name(k), shape, p.Shape), Build: of(k), Ref: ref,
					In: []optest.Array{optest.Normal(1, 2, shape...), p}, Step: 1e-6,
					Smooth: func(in ...optest.Array) bool {
						for i, x := range in[0].Data {
							if math.Abs(x-at(in[0], in[1], i)) < 1e-5 {
								return false
							}
						}
						return true
					}})
			}
		}
	}
	optest.Run(t, cases)
}

func TestWhere(t *testing.T) {
	ref := func(in ...optest.Array) []float64 {
		out := optest.Zeros(in[0].Shape...)
		for i, c := range in[0].Data {
			m := math.Abs(math.Copysign(1, math.Abs(c)-0.5)+1) / 2 // 1 where c is 1 or −1, 0 where it is 0
			out.Data[i] = m*at(in[0], in[1], i) + (1-m)*at(in[0], in[2], i)
		}
		return out.Data
	}
	var cases []optest.Case
	for _, shape := range shapes {
		c := optest.Normal(1, 1, shape...).Map(func(x float64) float64 {
			return math.Max(-1, math.Min(1, math.Round(x)))
		})
		c.Const = true
		for _, x := range operands(shape) {
			for _, y := range operands(shape) {
				if len(c.Data) > 1000 && len(x.Data)+len(y.Data) < len(c.Data) {
					continue // 19,650 elements: one kind of operand is enough
				}
				y = y.Map(func(v float64) float64 { return 3 * v })
				cases = append(cases, optest.Case{Name: fmt.Sprint(shape, x.Shape, y.Shape),
					Build: of(piecewise.Where{}), Ref: ref, In: []optest.Array{c, x, y}})
			}
		}
	}
	optest.Run(t, cases)
}

// TestKinksAndNaN checks values and slopes where the choice is not a matter of course,
// on the host and on a device, in both dtypes.
func TestKinksAndNaN(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x, y := []float64{1, 2, 2, nan, 1, inf, -inf, 0}, []float64{2, 1, 2, 1, nan, 0, 0, 0}
	vector := func(v []float64) optest.Array { return optest.Of(v, len(v)) }
	xy := []optest.Array{vector(x), vector(y)}
	c := vector([]float64{0, 1, -1, nan, 0, inf, 0, 2})
	c.Const = true
	for _, k := range []struct {
		op    op.Op
		in    []optest.Array
		out   []float64
		grads [][]float64 // by each input that is not Const: slopes, times D
	}{
		{piecewise.Maximum{}, xy, []float64{2, 2, 2, nan, nan, inf, 0, 0},
			[][]float64{{0, 1, 0.5, 0, 0, 1, 0, 0.5}, {1, 0, 0.5, 0, 0, 0, 1, 0.5}}},
		{piecewise.Minimum{}, xy, []float64{1, 1, 2, nan, nan, 0, -inf, 0},
			[][]float64{{1, 0, 0.5, 0, 0, 0, 1, 0.5}, {0, 1, 0.5, 0, 0, 1, 0, 0.5}}},
		{piecewise.LeakyReLU{Slope: 0.25}, xy[:1], []float64{1, 2, 2, nan, 1, inf, -inf, 0},
			[][]float64{{1, 1, 1, 0.25, 1, 1, 0.25, 0.25}}},
		{piecewise.PReLU{}, []optest.Array{vector(x), optest.Of([]float64{0.25}, 1)},
			[]float64{1, 2, 2, nan, 1, inf, -inf, 0}, [][]float64{{1, 1, 1, 0.25, 1, 1, 0.25, 0.25}, {nan}}},
		{piecewise.Where{}, []optest.Array{c, vector(x), vector(y)}, []float64{2, 2, 2, nan, nan, inf, 0, 0},
			[][]float64{{0, 1, 1, 1, 0, 1, 0, 1}, {1, 0, 0, 0, 1, 0, 1, 0}}},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			optest.Places(t, optest.Case{Name: op.Name(k.op), Build: of(k.op), In: k.in}, dt,
				func(t *testing.T, run optest.Runner) {
					out, grads, err := run(k.in...)
					require.NoError(t, err)
					same(t, "value", out, k.out)
					for i, g := range k.grads {
						same(t, fmt.Sprint("gradient ", i), grads[i], upstream(dt, g))
					}
				})
		}
	}
}

// upstream returns the slopes g times the upstream gradient of a Runner; one slope that
// is NaN makes a sum NaN.
func upstream(dt tensor.Dtype, g []float64) []float64 {
	w := optest.Weights(len(g))
	for i := range w {
		if dt == tensor.Float32 {
			w[i] = float64(float32(w[i]))
		}
		w[i] *= g[i]
	}
	return w
}

func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i, v := range want {
		if got[i] != v && !(math.IsNaN(got[i]) && math.IsNaN(v)) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], v)
		}
	}
}

func TestBadAttributes(t *testing.T) {
	x := optest.Zeros(3)
	for _, slope := range []float64{math.NaN(), math.Inf(1)} {
		_, err := optest.Eval(tensor.Float64, of(piecewise.LeakyReLU{Slope: slope}), x)
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, "want a finite number")
	}
	_, err := optest.Eval(tensor.Float64, of(piecewise.Maximum{}), x, optest.Zeros(2))
	require.ErrorContains(t, err, "operand 1 is (2)")
}
