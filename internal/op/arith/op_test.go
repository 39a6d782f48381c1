package arith_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/arith"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// sizeAt returns the size of shape at an axis counted from the end, from 1.
func sizeAt(shape []int, axis int) int {
	if axis > len(shape) {
		return 1
	}
	return shape[len(shape)-axis]
}

// meet returns the shape of x and y together, and where the elements of an operand are, by
// NumPy's rule, axis by axis from the last.
func meet(x, y []int) (out []int, at func(of []int, i int) int) {
	rank := max(len(x), len(y))
	out = make([]int, rank)
	for axis := 1; axis <= rank; axis++ {
		out[rank-axis] = max(sizeAt(x, axis), sizeAt(y, axis))
	}
	return out, func(of []int, i int) int {
		position, stride := 0, 1
		for axis := 1; axis <= rank; axis++ {
			index := i % out[rank-axis]
			i /= out[rank-axis]
			if n := sizeAt(of, axis); n > 1 {
				position += index * stride
				stride *= n
			}
		}
		return position
	}
}

// ref computes each element where NumPy's rule says that its operands are.
func ref(k arith.Binary) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x, y := in[0], in[1]
		shape, at := meet(x.Shape, y.Shape)
		out := make([]float64, len(optest.Zeros(shape...).Data))
		for i := range out {
			v, w := x.Data[at(x.Shape, i)], y.Data[at(y.Shape, i)]
			out[i] = map[arith.Operator]float64{arith.Add: v + w, arith.Sub: v - w, arith.Mul: v * w,
				arith.Div: v / w}[k.Op]
		}
		return out
	}
}

var operators = []arith.Operator{arith.Add, arith.Sub, arith.Mul, arith.Div}

// meeting are shapes that meet: alike; with axes that are missing; with sizes of 1 in
// either, in both, in the middle, in turn; at every place of every rank.
var meeting = [][2][]int{
	{{}, {}}, {{1}, {1}}, {{7}, {7}}, {{3, 4}, {3, 4}}, {{2, 3, 4}, {2, 3, 4}}, {{2, 3, 2, 2}, {2, 3, 2, 2}},
	{{150, 131}, {150, 131}},
	{{3, 4}, {4}}, {{4}, {3, 4}}, {{3, 4}, {3, 1}}, {{3, 1}, {3, 4}}, {{1, 5}, {5}}, {{5, 1}, {5, 1}}, {{5}, {1, 1}},
	{{150, 131}, {131}}, {{150, 131}, {150, 1}}, {{131}, {150, 131}}, {{150, 1}, {150, 131}},
	{{3, 4}, {}}, {{}, {3, 4}}, {{3, 4}, {1}}, {{1, 1}, {3, 4}}, {{3, 4}, {1, 4}},
	{{3, 1}, {1, 4}}, {{3, 1}, {4}}, {{4}, {3, 1}}, {{1, 4}, {3, 1}}, {{5, 1}, {1}}, {{1}, {5, 1, 1}},
	{{2, 3, 4}, {3, 1}}, {{2, 3, 4}, {2, 1, 4}}, {{2, 3, 4}, {2, 1, 1}}, {{2, 1, 4}, {2, 3, 1}}, {{2, 1, 4}, {3, 1}},
	{{2, 3, 2, 2}, {3, 1, 1}}, {{2, 3, 2, 2}, {1, 3, 1, 2}}, {{2, 3, 2, 2}, {2, 1, 2, 1}}, {{2, 2}, {2, 3, 2, 2}},
	{{3, 1, 2, 1}, {2, 1, 3}}, {{20, 30, 40}, {30, 1}}, {{20, 30, 40}, {20, 1, 40}}, {{20, 1, 40}, {30, 1}},
}

func TestBinary(t *testing.T) {
	var cases []optest.Case
	for _, op := range operators {
		for _, s := range meeting {
			k := arith.Binary{Op: op}
			x, y := optest.Normal(1, 1, s[0]...), optest.Normal(2, 1, s[1]...)
			if op == arith.Div { // away from 0
				y = y.Map(func(v float64) float64 { return math.Copysign(1+math.Abs(v), v) })
			}
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, s), Build: build(k), Ref: ref(k),
				In: []optest.Array{x, y}})
		}
	}
	optest.Run(t, cases)
}

// TestSixAxesInTurnMeetOnTheHost is more than the kernels of a device take.
func TestSixAxesInTurnMeetOnTheHost(t *testing.T) {
	for _, op := range operators {
		k := arith.Binary{Op: op}
		optest.Run(t, []optest.Case{{Name: fmt.Sprint(op), Build: build(k), Ref: ref(k), HostOnly: true,
			In: []optest.Array{optest.Normal(1, 1, 2, 1, 3, 1, 2), optest.Normal(2, 1, 2, 1, 2, 1).Map(
				func(v float64) float64 { return 2 + math.Abs(v) })}}})
	}
}

func TestScale(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{}, {5}, {3, 4}, {2, 1, 3}, {200, 100}} {
		k := arith.Scale{C: -2.5}
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build(k),
			In: []optest.Array{optest.Normal(1, 1, shape...)},
			Ref: func(in ...optest.Array) []float64 {
				return in[0].Map(func(v float64) float64 { return v * -2.5 }).Data
			}})
	}
	optest.Run(t, cases)
}

// TestAnOperandMeetsItself checks x∘x, where an op's two inputs are one node and
// its gradients meet there.
func TestAnOperandMeetsItself(t *testing.T) {
	for which, f := range map[arith.Operator]func(v float64) float64{
		arith.Add: func(v float64) float64 { return 2 * v },
		arith.Sub: func(float64) float64 { return 0 },
		arith.Mul: func(v float64) float64 { return v * v },
		arith.Div: func(float64) float64 { return 1 },
	} {
		k := arith.Binary{Op: which}
		optest.Run(t, []optest.Case{{
			Name: fmt.Sprint(which), In: []optest.Array{optest.Normal(1, 1, 3, 4)},
			Build: func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in[0], in[0]) },
			Ref:   func(in ...optest.Array) []float64 { return in[0].Map(f).Data },
		}})
	}
}

func TestBinaryReportsShapesThatDoNotMeet(t *testing.T) {
	for want, y := range map[string][]int{
		"x is (3, 4) but y is (4, 3): at axis 2 from the end they have sizes 3 and 4":    {4, 3},
		"x is (3, 4) but y is (3): at axis 1 from the end they have sizes 4 and 3":       {3},
		"x is (3, 4) but y is (2, 4): at axis 2 from the end they have sizes 3 and 2":    {2, 4},
		"x is (3, 4) but y is (5, 2, 4): at axis 2 from the end they have sizes 3 and 2": {5, 2, 4},
		"of different shapes and more than 8 axes":                                       {1, 1, 1, 1, 1, 1, 1, 3, 4},
	} {
		_, err := optest.Eval(tensor.Float64, build(arith.Binary{}), optest.Zeros(3, 4), optest.Zeros(y...))
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}
