package coding_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
)

// The rate of four samples on two orthogonal lines is log 3 nats; by class it is ½ log 5.
func ExampleRate() {
	z := mat.NewDense(4, 2, []float64{1, 0, -1, 0, 0, 1, 0, -1})
	r, err := coding.Rate(z, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	rc, err := coding.ClassRate(z, []int{0, 0, 1, 1}, 2, 0.5)
	fmt.Printf("%.4f %.4f %v\n", r, rc, err)
	// Output: 1.0986 0.8047 <nil>
}

// New samples join the group whose code grows by the fewest bits.
func ExampleClusters_Predict() {
	x := mat.NewDense(6, 2, []float64{1, 0, 2, 0, -3, 0, 0, 1, 0, 2, 0, -3})
	c, err := coding.Clustering{Eps2: 0.01}.Fit(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	groups, err := c.Predict(mat.NewDense(2, 2, []float64{0, 5, 5, 0}))
	fmt.Println(c.Labels, groups, err)
	// Output: [0 0 0 1 1 1] [1 0] <nil>
}
