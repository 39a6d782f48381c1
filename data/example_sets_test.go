package data_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// A set of one's own: three samples of two features, in batches of two in a shuffled order.
func ExampleNew() {
	set, err := data.New([]float64{0, 1, 2, 3, 4, 5}, 1, []int{2}, []int{0, 1, 0}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	batches, err := data.NewBatches(set, data.BatchConfig{Size: 2, Shuffle: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(tensor.WithShape(2, 2), tensor.Of(tensor.Float64))
	y := tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64))
	err = batches.Next(x, y)
	fmt.Println(set.Len(), set.Shape(), set.Classes(), x.Shape(), err)
	// Output: 3 [2] 2 (2, 2) <nil>
}

// Samples on random subspaces, one for each class, to try a method on.
func ExampleSubspaces() {
	set, err := data.Subspaces(data.SubspacesConfig{Classes: 3, Dim: 10, Rank: 2, PerClass: 20, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Len(), "samples of shape", set.Shape(), "in", set.Classes(), "classes")
	// Output: 60 samples of shape [10] in 3 classes
}
