package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestOnlyAddIsTakenForAdd: every other stock op of two tensors stays Gorgonia's.
func TestOnlyAddIsTakenForAdd(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, dt, gorgonia.WithName("x"), gorgonia.WithShape(2, 3))
		y := gorgonia.NewMatrix(g, dt, gorgonia.WithName("y"), gorgonia.WithShape(2, 3))
		c := gorgonia.NewScalar(g, dt, gorgonia.WithName("c"))
		for name, of := range map[string]func(a, b *gorgonia.Node) (*gorgonia.Node, error){
			"add": gorgonia.Add, "sub": gorgonia.Sub, "product": gorgonia.HadamardProd,
			"quotient": gorgonia.HadamardDiv,
			"power":    gorgonia.Pow, "matrix product": func(a, b *gorgonia.Node) (*gorgonia.Node, error) {
				return gorgonia.Mul(a, gorgonia.Must(gorgonia.Transpose(b)))
			},
			"greater": func(a, b *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Gt(a, b, true) },
			"scalar":  func(a, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Add(a, c) },
		} {
			n, err := of(x, y)
			require.NoError(t, err, name)
			_, ok := declaredOf(n)
			require.Equal(t, name == "add", ok, name)
		}
	}
}
