package data_test

import (
	"fmt"
	"io"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// A fifth of each class, by a seed.
func ExampleSet_Split() {
	all, err := data.AllDigits()
	if err != nil {
		fmt.Println(err)
		return
	}
	train, test, err := all.Split(0.2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(train.Len(), test.Len(), test.Counts())
	// Output: 1438 359 [36 36 35 37 36 36 36 36 35 36]
}

// Each sample is in the test set of one of the folds.
func ExampleSet_Folds() {
	train, _, err := data.Iris()
	if err != nil {
		fmt.Println(err)
		return
	}
	rest, parts, err := train.Folds(5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for f, part := range parts {
		fmt.Println(rest[f].Len(), part.Len(), part.Counts())
	}
	// Output:
	// 84 21 [7 7 7]
	// 84 21 [6 8 7]
	// 84 21 [6 8 7]
	// 84 21 [6 7 8]
	// 84 21 [6 7 8]
}

// What is measured on the training data is done to all data.
func ExampleFit() {
	train, test, err := data.Iris()
	if err != nil {
		fmt.Println(err)
		return
	}
	prepare, err := data.Fit(train, data.Standardize{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if test, err = prepare.Apply(test); err != nil {
		fmt.Println(err)
		return
	}
	row, err := test.Row(nil, 0)
	fmt.Printf("mean %.3f, deviation %.3f, of a test sample %.3f %v\n", prepare[0].Mean[0], prepare[0].Std[0], row[0],
		err)
	// Output: mean 5.843, deviation 0.829, of a test sample -1.016 <nil>
}

// Batches of an epoch, in an order that is a function of the seed and the epoch.
func ExampleNewBatches() {
	set, err := data.New([]float64{0, 1, 2, 3, 4}, 1, []int{1}, []int{0, 1, 0, 1, 0}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	batches, err := data.NewBatches(set, data.BatchConfig{Size: 2, Shuffle: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(tensor.WithShape(2, 1), tensor.Of(tensor.Float64))
	y := tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64))
	for range 3 {
		switch err := batches.Next(x, y); err {
		case nil:
			fmt.Println(batches.Position(), x.Data(), y.Data())
		case io.EOF:
			fmt.Println("the end of an epoch")
		default:
			fmt.Println(err)
		}
	}
	// Output:
	// {0 1} [2 4] [0 0]
	// {0 2} [1 0] [1 0]
	// the end of an epoch
}
