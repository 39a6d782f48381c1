package nn_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

type stockOp func(x *gorgonia.Node) (*gorgonia.Node, error)

// along makes a reduction of one or more axes.
func along(f func(*gorgonia.Node, ...int) (*gorgonia.Node, error), axes ...int) stockOp {
	return func(x *gorgonia.Node) (*gorgonia.Node, error) { return f(x, axes...) }
}

// compileStock compiles the sum of what a stock op makes of positive numbers, with the
// gradient by them.
func compileStock(t *testing.T, f stockOp, dt tensor.Dtype, shape ...int) error {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	p := must(nn.NewParam("x", dt, shape...))
	x := make([]float64, p.Value.Size())
	for i := range x {
		x[i] = 1 + float64(i%7)/3
	}
	require.NoError(t, nn.SetFloats(p.Value, x))
	y, err := f(must(g.Bind(p)))
	require.NoError(t, err)
	loss := y
	if !y.IsScalar() {
		loss = must(nn.Sum(y))
	}
	prog, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{p}})
	if err == nil {
		require.NoError(t, prog.Run())
		require.NoError(t, prog.Close())
	}
	return err
}

// TestWrongStockOpsAreRefused builds each with Gorgonia, in both dtypes: Compile names it
// and what to use.
func TestWrongStockOpsAreRefused(t *testing.T) {
	pool, none, two := tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}
	self := func(f func(a, b *gorgonia.Node) (*gorgonia.Node, error)) stockOp {
		return func(x *gorgonia.Node) (*gorgonia.Node, error) { return f(x, x) }
	}
	for _, c := range []struct {
		f     stockOp
		shape []int
		words string
	}{
		{gorgonia.InverseSqrt, []int{3, 4},
			"gorgonia.InverseSqrt is refused, for its gradient is wrong: use gorgonia.Inverse of gorgonia.Sqrt"},
		{gorgonia.Log2, []int{3},
			"gorgonia.Log2 is refused, for its gradient is wrong by a factor of ln² 2: use gorgonia.Log"},
		{func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Dropout(x, 0.5) }, []int{3, 4},
			"gorgonia.Dropout is refused"},
		{func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.AveragePool2D(x, pool, none, two) },
			[]int{2, 3, 4, 6}, "gorgonia.AveragePool2D is refused"},
		{gorgonia.GlobalAveragePool2D, []int{2, 3, 4, 6}, "gorgonia.GlobalAveragePool2D is refused"},
		{func(x *gorgonia.Node) (*gorgonia.Node, error) {
			y, _, _, _, err := gorgonia.BatchNorm(x, nil, nil, 0.9, 1e-5)
			return y, err
		}, []int{4, 3, 2, 2}, "gorgonia.BatchNorm is refused"},
		{along(gorgonia.Sparsemax, 0), []int{3, 4}, "gorgonia.Sparsemax is refused"},
		{self(gorgonia.OuterProd), []int{4}, "gorgonia.OuterProd is refused"},
		{along(gorgonia.SoftMax, 1), []int{3, 4}, "gorgonia.SoftMax or LogSoftMax is refused"},
		{along(gorgonia.LogSoftMax, 1), []int{3, 4}, "gorgonia.SoftMax or LogSoftMax is refused"},
		{func(x *gorgonia.Node) (*gorgonia.Node, error) {
			target := gorgonia.NewTensor(x.Graph(), x.Dtype(), 2, gorgonia.WithShape(3, 4), gorgonia.WithName("target"),
				gorgonia.WithValue(tensor.New(tensor.WithShape(3, 4), tensor.Of(x.Dtype()))))
			return gorgonia.BinaryXent(x, target)
		}, []int{3, 4}, "Gorgonia has lost inputs of ⊙ false(%1, %2), as it does where it rewrites gorgonia.Log of " +
			"1 − x, and in gorgonia.BinaryXent"},
		{along(gorgonia.Sum, 2), []int{2, 3, 4, 5},
			"gorgonia.Sum, Mean or Norm along axes [2] of (2, 3, 4, 5) is refused, for it is wrong along axis 2"},
		{along(gorgonia.Mean, 2, 3), []int{2, 3, 4, 5}, "use conv.GlobalAveragePool"},
		{along(gorgonia.Max, 2), []int{2, 3, 4, 5}, "gorgonia.Max along axes [2]"},
		{along(gorgonia.Sum, 0, 3), []int{2, 2, 3, 3, 2}, "wrong along axis 3"},
		{func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Norm(x, 2, 2) }, []int{2, 3, 4, 5},
			"gorgonia.Sum, Mean or Norm"},
		{func(x *gorgonia.Node) (*gorgonia.Node, error) {
			c := gorgonia.NewConstant(tensor.New(tensor.WithShape(x.Shape()...), tensor.Of(x.Dtype())))
			return gorgonia.Add(x, c)
		}, []int{3, 4}, "a constant of shape (3, 4) is refused"},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			err := compileStock(t, c.f, dt, c.shape...)
			require.ErrorIs(t, err, nn.ErrInput, c.words)
			require.ErrorContains(t, err, c.words)
		}
	}
	for name, draw := range map[string]func(g *gorgonia.ExprGraph) *gorgonia.Node{
		"UniformRandomNode": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.UniformRandomNode(g, tensor.Float64, 0, 1, 3)
		},
		"GaussianRandomNode": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.GaussianRandomNode(g, tensor.Float64, 0, 1, 3)
		},
		"BinomialRandomNode": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.BinomialRandomNode(g, tensor.Float64, 1, 0.5, 3)
		},
	} {
		g := nn.NewGraph(nn.Eval)
		_, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{draw(g.ExprGraph)}})
		require.ErrorIs(t, err, nn.ErrInput)
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "are refused, for they are seeded from the clock")
	}
}

// TestRightStockOpsAreTaken builds the neighbours of those that are refused.
func TestRightStockOpsAreTaken(t *testing.T) {
	for name, c := range map[string]struct {
		f     stockOp
		shape []int
	}{
		"Sqrt":                  {gorgonia.Sqrt, []int{3, 4}},
		"Inverse":               {gorgonia.Inverse, []int{3, 4}},
		"Log":                   {gorgonia.Log, []int{3, 4}},
		"Sigmoid":               {gorgonia.Sigmoid, []int{2, 3, 4, 5}},
		"Sum of all":            {along(gorgonia.Sum), []int{2, 3, 4, 5}},
		"Sum of pixels and all": {along(gorgonia.Sum, 1, 2), []int{2, 3, 4, 5}},
		"Sum of the last":       {along(gorgonia.Sum, 3), []int{2, 3, 4, 5}},
		"Sum in the middle":     {along(gorgonia.Sum, 1), []int{2, 3, 4, 5}},
		"Max of rank 3":         {along(gorgonia.Max, 1), []int{2, 3, 4}},
	} {
		require.NoError(t, compileStock(t, c.f, tensor.Float64, c.shape...), name)
	}
}

// TestTheListOfWrongStockOpsIsInTheDocs finds each name there.
func TestTheListOfWrongStockOpsIsInTheDocs(t *testing.T) {
	page := string(must(os.ReadFile("../docs/gorgonia.md")))
	for _, name := range strings.Fields(
		"InverseSqrt Log2 Dropout AveragePool2D GlobalAveragePool2D BatchNorm Sparsemax OuterProd SoftMax LogSoftMax " +
			"BinaryXent LogSumExp Sum Mean Norm Max UniformRandomNode GaussianRandomNode BinomialRandomNode") {
		require.Contains(t, page, fmt.Sprintf("`%s`", name))
	}
}
