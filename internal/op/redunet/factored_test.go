package redunet_test

import (
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/linear"
	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// factored is the op as package nn builds it: inputs z, E, B and α.
func factored(rows ...int) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		w, err := op.Apply(linear.Map{}, in[0], in[2])
		if err != nil {
			return nil, err
		}
		return op.Apply(redunet.FactoredMaps{Rows: redunet.JoinRows(rows)}, in[0], w, in[1], in[2], in[3])
	}
}

// factoredRef forms the matrices C and takes Maps of them.
func factoredRef(rows ...int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		z, e, b, alpha := in[0], in[1], in[2], in[3]
		d := z.Shape[1]
		c := optest.Zeros(len(rows), d, d)
		at := 0
		for j, r := range rows {
			for p := range d {
				for q := range d {
					v := 0.0
					if p == q {
						v = 1
					}
					for l := at; l < at+r; l++ {
						v -= b.Data[l*d+p] * b.Data[l*d+q]
					}
					c.Data[(j*d+p)*d+q] = alpha.Data[j] * v
				}
			}
			at += r
		}
		return mapsRef(z, e, c)
	}
}

func TestFactoredMaps(t *testing.T) {
	case_ := func(name string, n, d int, rows ...int) optest.Case {
		r := 0
		for _, v := range rows {
			r += v
		}
		return optest.Case{Name: name, Build: factored(rows...), Ref: factoredRef(rows...),
			In: []optest.Array{optest.Normal(1, 1, n, d), optest.Normal(2, 1, d, d), optest.Normal(3, 0.3, r, d),
				optest.Normal(4, 1, len(rows))}}
	}
	optest.Run(t, []optest.Case{
		case_("some classes", 7, 9, 2, 3, 1), case_("one class", 4, 3, 1), case_("one of each", 1, 1, 1),
		case_("more rows than features", 3, 2, 4, 3),
	})
}

func TestFactoredShapesThatDoNotFit(t *testing.T) {
	z := []optest.Array{optest.Zeros(2, 3), optest.Zeros(3, 3), optest.Zeros(3, 3), optest.Zeros(2)}
	for name, rows := range map[string][]int{"other rows": {1, 1}, "no rows": {3, 0}, "other classes": {3},
		"negative": {4, -1}} {
		_, err := optest.Scalar(tensor.Float32, factored(rows...), z...)
		require.True(t, errors.Is(err, op.ErrInput), "%s: error %v", name, err)
	}
}
