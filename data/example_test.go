package data_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

func ExampleNewBalanced() {
	train, _, err := data.Digits()
	if err != nil {
		fmt.Println(err)
		return
	}
	batches, err := data.NewBalanced(train, data.BatchConfig{Size: 100, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(tensor.WithShape(100, 1, 8, 8), tensor.Of(tensor.Float32))
	y := tensor.New(tensor.WithShape(100), tensor.Of(tensor.Float32))
	if err := batches.Next(x, y); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(batches.Batches(), "batches an epoch; the labels of one begin", y.Float32s()[:12])
	// Output: 14 batches an epoch; the labels of one begin [0 1 2 3 4 5 6 7 8 9 0 1]
}
