package subspace_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// Two clouds of samples, each about its centre.
func ExampleKMeans() {
	x := mat.NewDense(4, 2, []float64{0, 0, 0, 2, 10, 0, 10, 2})
	c, err := subspace.KMeans{Groups: 2}.Fit(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Labels[0] == c.Labels[1], c.Labels[2] == c.Labels[3], c.Labels[0] == c.Labels[2])
	// Output: true true false
}

// Each sample of two lines is written by one of its own line alone.
func ExampleSSC() {
	x := mat.NewDense(4, 2, []float64{1, 0, -1, 0, 0, 1, 0, -1})
	c, err := subspace.SSC{}.Fit(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.At(0, 1) != 0, c.At(0, 2) == 0, c.At(0, 3) == 0)
	// Output: true true true
}
