package layers_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// TestLISTAIsBuiltAndCompiledInLinearWork counts what building and compiling the gradient of
// LISTA takes: values of the plan and their memory, allocations, and bytes allocated. Twice the layers, in
// three doublings to 512, take twice each.
func TestLISTAIsBuiltAndCompiledInLinearWork(t *testing.T) {
	type counts struct{ buffers, arena, allocations, bytes float64 }
	count := func(depth int) (c counts) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		net, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "lista",
			A: mat.NewDense(2, 4, []float64{1, 0, 1, 0, 0, 1, 0, -1}), Layers: depth}, Untied: true, UntiedB: true})
		require.NoError(t, err)
		g := nn.NewGraph(nn.Train)
		x, err := g.Input("x", tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float32)))
		require.NoError(t, err)
		z, err := g.Input("z", tensor.New(tensor.WithShape(3, 4), tensor.Of(tensor.Float32)))
		require.NoError(t, err)
		y, err := net.Forward(g, x)
		require.NoError(t, err)
		loss, err := losses.MSE{}.Loss(g, y, z)
		require.NoError(t, err)
		p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: net.Params()}, nn.Options{Workers: 1})
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		c.buffers, c.arena = float64(len(p.Memory().Buffers)), float64(p.Memory().Arena)
		require.NoError(t, p.Close())
		c.allocations = float64(after.Mallocs - before.Mallocs)
		c.bytes = float64(after.TotalAlloc - before.TotalAlloc)
		return c
	}
	last := count(64)
	for _, depth := range []int{128, 256, 512} {
		c := count(depth)
		require.Less(t, c.buffers/last.buffers, 2.1, "values and scratch of %d layers", depth)
		require.Less(t, c.arena/last.arena, 2.1, "memory of %d layers", depth)
		require.Less(t, c.allocations/last.allocations, 2.2, "allocations of %d layers", depth)
		require.Less(t, c.bytes/last.bytes, 2.4, "bytes of %d layers", depth)
		last = c
	}
}
