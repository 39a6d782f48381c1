package layers_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// shapes adds a layer to a graph and prints its parameters and the shapes of its input and output.
func shapes(l layers.Layer, shape ...int) {
	g := nn.NewGraph(nn.Eval)
	x := must(g.Input("x", tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))))
	y := must(l.Forward(g, x))
	for _, q := range l.Params() {
		fmt.Println(q.Name, q.Value.Shape())
	}
	fmt.Println(x.Shape(), "→", y.Shape())
}

// Eight filters of 3×3 on images of three channels, which keep their height and width.
func ExampleConv2D() {
	shapes(must(layers.NewConv2D(layers.ConvConfig{
		Name: "conv1", In: 3, Out: 8, Kernel: conv.Pair(3), Geometry: conv.Geometry{Padding: conv.Pair(1)},
	})), 2, 3, 32, 32)
	// Output:
	// conv1.weight (8, 3, 3, 3)
	// conv1.bias (8)
	// (2, 3, 32, 32) → (2, 8, 32, 32)
}

// A matrix and biases.
func ExampleLinear() {
	shapes(must(layers.NewLinear(layers.LinearConfig{Name: "fc", In: 4, Out: 3})), 5, 4)
	// Output:
	// fc.weight (3, 4)
	// fc.bias (3)
	// (5, 4) → (5, 3)
}

// Parameters and running statistics have PyTorch's names.
func ExampleBatchNorm() {
	shapes(must(layers.NewBatchNorm(layers.BatchNormConfig{Name: "bn1", Channels: 8})), 2, 8, 16, 16)
	// Output:
	// bn1.weight (8)
	// bn1.bias (8)
	// bn1.running_mean (8)
	// bn1.running_var (8)
	// (2, 8, 16, 16) → (2, 8, 16, 16)
}

// Each sample has mean 0 and variance 1 before weight and bias.
func ExampleLayerNorm() {
	shapes(must(layers.NewLayerNorm(layers.LayerNormConfig{Name: "ln", Dim: 6})), 2, 6)
	// Output:
	// ln.weight (6)
	// ln.bias (6)
	// (2, 6) → (2, 6)
}

// Words by their numbers, each of which is a row to learn.
func ExampleEmbedding() {
	shapes(must(layers.NewEmbedding(layers.EmbeddingConfig{Name: "words", Rows: 100, Dim: 16})), 7)
	// Output:
	// words.weight (100, 16)
	// (7) → (7, 16)
}
