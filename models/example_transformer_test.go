package models_test

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// mnist are networks of images of 28×28 pixels in 16 patches, and a token of the class.
func mnist() models.TransformerConfig {
	return models.TransformerConfig{Image: 28, Channels: 1, Patch: 7, Classes: 10, Dim: 64, Depth: 4, Heads: 4}
}

func ExampleCRATE() {
	net, err := models.NewCRATE(mnist())
	fmt.Println(nn.Size(net.Params()), err)
	c, err := models.CRATESize("tiny")
	fmt.Println(c.Dim, c.Heads, c.Depth, err)
	// Output:
	// 55788 <nil>
	// 384 6 12 <nil>
}

func ExampleCRATEAlpha() {
	net, err := models.NewCRATEAlpha(mnist())
	fmt.Println(nn.Size(net.Params()), err)
	// Output: 169994 <nil>
}

func ExampleToST() {
	net, err := models.NewToST(mnist())
	fmt.Println(nn.Size(net.Params()), err)
	// Output: 272474 <nil>
}

func ExampleViT() {
	net, err := models.NewViT(mnist())
	fmt.Println(nn.Size(net.Params()), err)
	// Output: 205066 <nil>
}

func ExampleLanguageModel() {
	net, err := models.NewLanguageModel(models.LanguageModelConfig{Vocabulary: 27, Length: 64, Dim: 32, Heads: 4,
		Depth: 2})
	fmt.Println(net.Params()[0].Name, net.Params()[0].Value.Shape(), err)
	// Output: transformer.wte.weight (27, 32) <nil>
}
