package models_test

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// A perceptron with one hidden layer, whose outputs lie on the unit sphere, as MCR² wants them.
func ExampleMLP() {
	net := must(models.NewMLP(models.MLPConfig{Dims: []int{64, 256, 32}, Normalize: true}))
	for _, p := range net.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// mlp.linear0.weight (256, 64)
	// mlp.linear0.bias (256)
	// mlp.linear1.weight (32, 256)
	// mlp.linear1.bias (32)
}

// A narrow ResNet-10 and a linear layer for ten classes: torchvision's names, so that files of weights interchange.
func ExampleResNet() {
	body := must(models.NewResNet(models.ResNetConfig{Depth: 10, Width: 8, NoHead: true}))
	head := must(layers.NewLinear(layers.LinearConfig{Name: "fc", In: body.Out(), Out: 10}))
	net := models.Classifier{Encoder: body, Head: head}
	params := net.Params()
	fmt.Println(params[0].Name, params[0].Value.Shape(), "to", params[len(params)-1].Name)
	fmt.Println(nn.Size(nn.Trained(params)), "numbers to train")
	// Output:
	// conv1.weight (8, 3, 3, 3) to fc.bias
	// 78002 numbers to train
}

// A ReduNet of one layer before it is constructed by package redunet, or trained.
func ExampleReduNet() {
	net := must(models.NewReduNet(models.ReduNetConfig{Shape: []int{8}, Classes: 3, Layers: 1}))
	for _, p := range net.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// redunet.layer0.e (8, 8)
	// redunet.layer0.c (3, 8, 8)
	// redunet.layer0.gamma (3)
}
