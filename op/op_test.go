package op_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// bend is x² + x·p + sin(q)·r.
type bend struct{ Operands int }

func (k bend) Spec() op.Spec {
	return op.Elementwise(k, op.Formula{
		Value: bent,
		Partials: []func(x, p, q, r float64) float64{
			func(x, p, _, _ float64) float64 { return 2*x + p },
			func(x, _, _, _ float64) float64 { return x },
			func(_, _, q, r float64) float64 { return math.Cos(q) * r },
			func(_, _, q, _ float64) float64 { return math.Sin(q) },
		}[:k.Operands],
	})
}

func bent(x, p, q, r float64) float64 { return x*x + x*p + math.Sin(q)*r }

// product is x·p by slices, with one of its gradients so.
type product struct{}

func (k product) Spec() op.Spec {
	return op.Elementwise(k, op.Formula{
		Value: func(x, p, _, _ float64) float64 { return x * p },
		Partials: []func(x, p, _, _ float64) float64{
			func(_, p, _, _ float64) float64 { return p },
			func(x, _, _, _ float64) float64 { return x },
		},
		Fast: op.Slices2(multiply, multiply), FastPartials: []op.Ternary{op.Slices3(byFirst, byFirst)},
	})
}

func multiply[T op.Float](out, x, p []T) {
	for i := range out {
		out[i] = x[i] * p[i]
	}
}

func byFirst[T op.Float](out, dout, _, p []T) { multiply(out, dout, p) }

// repeated computes f by the place of each operand: as x, of a column, or a number.
func repeated(f func(x, p, q, r float64) float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		out := make([]float64, len(in[0].Data))
		d := in[0].Shape[len(in[0].Shape)-1]
		for i := range out {
			var v [4]float64
			for j, a := range in {
				switch {
				case len(a.Data) == len(out):
					v[j] = a.Data[i]
				case len(a.Data) == 1:
					v[j] = a.Data[0]
				default:
					v[j] = a.Data[i%d]
				}
			}
			out[i] = f(v[0], v[1], v[2], v[3])
		}
		return out
	}
}

func TestElementwise(t *testing.T) {
	n := func(seed uint64, shape ...int) optest.Array { return optest.Normal(seed, 1, shape...) }
	mul := func(x, p, _, _ float64) float64 { return x * p }
	optest.Run(t, []optest.Case{
		{Name: "one operand", HostOnly: true, Build: of(bend{1}), Ref: repeated(bent), In: []optest.Array{n(1, 4, 3)}},
		{Name: "alike", HostOnly: true, Build: of(bend{2}), Ref: repeated(bent), In: []optest.Array{n(1, 2, 3, 150),
			n(2, 2, 3, 150)}},
		{Name: "columns", HostOnly: true, Build: of(bend{3}), Ref: repeated(bent), In: []optest.Array{n(1, 40, 130),
			n(2, 130), n(3, 130)}},
		{Name: "all kinds", HostOnly: true, Build: of(bend{4}), Ref: repeated(bent), In: []optest.Array{n(1, 70, 130),
			n(2, 70, 130), n(3, 130), n(4, 1)}, Tol32: 1e-4},
		{Name: "numbers", HostOnly: true, Build: of(bend{4}), Ref: repeated(bent), In: []optest.Array{n(1, 9), n(2, 1),
			n(3, 1), n(4, 1)}},
		{Name: "one number", HostOnly: true, Build: of(bend{2}), Ref: repeated(bent),
			In: []optest.Array{n(1, 1), n(2, 1)}},
		{Name: "slices", HostOnly: true, Build: of(product{}), Ref: repeated(mul), In: []optest.Array{n(1, 3, 7),
			n(2, 3, 7)}},
		{Name: "slices and columns", HostOnly: true, Build: of(product{}), Ref: repeated(mul),
			In: []optest.Array{n(1, 3, 7), n(2, 7)}},
		{Name: "slices and a number", HostOnly: true, Build: of(product{}), Ref: repeated(mul),
			In: []optest.Array{n(1, 3, 7), n(2, 1)}},
	})
}

// attributed has an attribute that tells no op from another.
type attributed struct{ By []float64 }

func (k attributed) Spec() op.Spec {
	return op.Pointwise(k, op.Function{Value: func(x float64) float64 { return x }})
}

// widest says nothing of its output.
type widest struct{}

func (k widest) Spec() op.Spec {
	return op.Spec{In: []op.Input{op.Wide(1)}, Kernel: op.Both(k, idle, idle)}
}

func idle[T op.Float](widest, *op.Args[T]) op.Run { return func() error { return nil } }

func TestApplySaysWhatIsWrong(t *testing.T) {
	g := gorgonia.NewGraph()
	leaf := func(name string, dt tensor.Dtype, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	x, v := leaf("x", tensor.Float64, 4, 3), leaf("v", tensor.Float64, 2)
	single, whole := leaf("single", tensor.Float32, 4, 3), leaf("whole", tensor.Int, 4, 3)
	for _, c := range []struct {
		k    op.Op
		in   gorgonia.Nodes
		want string
	}{
		{product{}, gorgonia.Nodes{x, nil}, "op_test.product: input 1 is nil"},
		{product{}, gorgonia.Nodes{x}, "op_test.product: 1 inputs, want 2"},
		{product{}, gorgonia.Nodes{x, single}, "op_test.product: input 1 is float32 but input 0 is float64"},
		{product{}, gorgonia.Nodes{whole, whole}, "op_test.product: input 0 is int, want float32 or float64"},
		{product{}, gorgonia.Nodes{x, v},
			"op_test.product: operand 1 is (2) but operand 0 is (4, 3): want that shape, a vector of length 3 or of 1"},
		{widest{}, gorgonia.Nodes{x}, "op_test.widest: input 0 has shape (4, 3), want rank 1"},
		{widest{}, gorgonia.Nodes{v}, "op_test.widest: every input is wide"},
		{attributed{}, gorgonia.Nodes{x},
			"op_test.attributed: an op is told from others by its attributes, and a []float64 is none"},
	} {
		_, err := op.Apply(c.k, c.in...)
		require.ErrorIs(t, err, op.ErrInput)
		require.ErrorContains(t, err, c.want)
	}
}
