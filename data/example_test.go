package data_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// Batches that are cropped at random places, mirrored and normalised while the
// trainer works on the ones before. The images are drawn here; those of CIFAR10
// go the same way.
func ExampleNewAugmented() {
	pixels := make([]byte, 20*3*32*32)
	for i := range pixels {
		pixels[i] = byte(i % 251)
	}
	images, err := data.New(pixels, 1.0/255, []int{3, 32, 32}, make([]int, 20), 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	batches, err := data.NewBatches(images, data.BatchConfig{Size: 10, Shuffle: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	augmented, err := data.NewAugmented(batches, data.AugmentConfig{Seed: 1, Transforms: []data.Transform{
		data.RandomCrop{Padding: 4}, data.RandomHorizontalFlip{}, data.CIFAR10Normalize(),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ahead, err := data.NewPrefetch(augmented, tensor.Float32, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(tensor.WithShape(10, 3, 32, 32), tensor.Of(tensor.Float32))
	y := tensor.New(tensor.WithShape(10), tensor.Of(tensor.Float32))
	if err := ahead.Next(x, y); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ahead.Position(), x.Shape(), ahead.Close())
	// Output: {0 1} (10, 3, 32, 32) <nil>
}

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
