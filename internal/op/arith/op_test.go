package arith_test

import (
	"fmt"
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

// ref indexes the second operand by the definition of each form.
func ref(k arith.Binary) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x, y := in[0], in[1]
		out := make([]float64, len(x.Data))
		for i, v := range x.Data {
			w := y.Data[0]
			switch k.Form {
			case arith.Same:
				w = y.Data[i]
			case arith.Row:
				w = y.Data[i%x.Shape[1]]
			case arith.Col:
				w = y.Data[i/x.Shape[1]]
			}
			out[i] = map[arith.Operator]float64{arith.Add: v + w, arith.Sub: v - w, arith.Mul: v * w}[k.Op]
		}
		return out
	}
}

func TestBinary(t *testing.T) {
	var cases []optest.Case
	for _, op := range []arith.Operator{arith.Add, arith.Sub, arith.Mul} {
		for _, shape := range [][]int{{}, {1}, {7}, {3, 4}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
			k := arith.Binary{Op: op}
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%+v %v", k, shape), Build: build(k), Ref: ref(k),
				In: []optest.Array{optest.Normal(1, 1, shape...), optest.Normal(2, 1, shape...)}})
		}
		for _, s := range [][2]int{{3, 4}, {1, 5}, {5, 1}, {1, 1}, {150, 131}} {
			row, col := arith.Binary{Op: op, Form: arith.Row}, arith.Binary{Op: op, Form: arith.Col}
			cases = append(cases,
				optest.Case{Name: fmt.Sprintf("%+v %v", row, s), Build: build(row), Ref: ref(row),
					In: []optest.Array{optest.Normal(1, 1, s[0], s[1]), optest.Normal(2, 1, s[1])}},
				optest.Case{Name: fmt.Sprintf("%+v %v", col, s), Build: build(col), Ref: ref(col),
					In: []optest.Array{optest.Normal(1, 1, s[0], s[1]), optest.Normal(2, 1, s[0])}})
		}
	}
	optest.Run(t, cases)
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
	for want, c := range map[string]struct {
		form arith.Form
		y    []int
	}{
		"x is (3, 4) but y is (4, 3)":                         {arith.Same, []int{4, 3}},
		"the rows of x, (3, 4), have length 4 but y has 3":    {arith.Row, []int{3}},
		"the columns of x, (3, 4), have length 3 but y has 4": {arith.Col, []int{4}},
		"input 1 has shape (3, 1), want rank 1":               {arith.Col, []int{3, 1}},
	} {
		_, err := optest.Eval(tensor.Float64, build(arith.Binary{Form: c.form}), optest.Zeros(3, 4),
			optest.Zeros(c.y...))
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}
