package matmul_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/matmul"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func product(k matmul.MatMul) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// ref is gonum's product.
func ref(k matmul.MatMul) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		operand := func(a optest.Array, trans bool) mat.Matrix {
			m := mat.NewDense(a.Shape[0], a.Shape[1], a.Data)
			if trans {
				return m.T()
			}
			return m
		}
		var c mat.Dense
		c.Mul(operand(in[0], k.TransA), operand(in[1], k.TransB))
		return c.RawMatrix().Data
	}
}

func TestMatMul(t *testing.T) {
	var cases []optest.Case
	for _, k := range []matmul.MatMul{{}, {TransA: true}, {TransB: true}, {TransA: true, TransB: true}} {
		for _, s := range [][3]int{{3, 4, 5}, {1, 1, 1}, {7, 1, 2}, {1, 9, 1}, {37, 65, 33}, {130, 70, 97}} {
			a, b := []int{s[0], s[1]}, []int{s[1], s[2]}
			if k.TransA {
				a[0], a[1] = a[1], a[0]
			}
			if k.TransB {
				b[0], b[1] = b[1], b[0]
			}
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v %v", k, s), Build: product(k), Ref: ref(k),
				In: []optest.Array{optest.Normal(1, 1, a...), optest.Normal(2, 1, b...)}})
		}
	}
	optest.Run(t, cases)
}

func TestMatMulReportsSidesThatDoNotMeet(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, product(matmul.MatMul{TransB: true}), optest.Zeros(2, 3), optest.Zeros(3, 4))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "3 columns")
	require.ErrorContains(t, err, "4 rows")
}
