package metrics_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
)

// Features that have collapsed to their class means, which are opposite, and a head whose weights are these.
func ExampleNeuralCollapse() {
	z := mat.NewDense(4, 2, []float64{1, 0, 1, 0, -1, 0, -1, 0})
	w := mat.NewDense(2, 2, []float64{1, 0, -1, 0})
	c, err := metrics.NeuralCollapse(z, []int{0, 0, 1, 1}, 2, w, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("NC1 %.0f, means %.0f %.0f, NC3 %.0f, NC4 %.0f\n", c.NC1, c.EquinormMeans,
		c.EquiangularMeans, c.NC3, c.NC4)
	// Output: NC1 0, means 0 0, NC3 0, NC4 0
}

// The label of the sample that is nearest in direction.
func ExampleKNN() {
	z := mat.NewDense(4, 2, []float64{1, 0, 2, 0.1, 0, 1, 0.1, 3})
	near, err := metrics.KNN{K: 1}.Fit(z, []int{0, 0, 1, 1}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := near.Predict(mat.NewDense(2, 2, []float64{5, 1, 1, 9}))
	fmt.Println(labels, err)
	// Output: [0 1] <nil>
}

// A linear classifier on features, which says how well they separate the classes.
func ExampleProbe() {
	z := mat.NewDense(4, 1, []float64{-2, -1, 1, 2})
	linear, err := metrics.Probe{}.Fit(z, []int{0, 0, 1, 1}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	share, err := metrics.Score(linear, mat.NewDense(2, 1, []float64{-3, 3}), []int{0, 1})
	fmt.Println(share, err)
	// Output: 1 <nil>
}
