package metrics_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
)

// Features on two lines, classified by the nearest of the lines that they span.
func ExampleNearestSubspace() {
	z := mat.NewDense(4, 2, []float64{1, 0, 2, 0.1, 0, 1, 0.1, -3})
	labels := []int{0, 0, 1, 1}
	lines, err := metrics.NearestSubspace{Dim: 1}.Fit(z, labels, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	share, err := metrics.Score(lines, mat.NewDense(2, 2, []float64{-5, 0.2, 0.3, 4}), []int{0, 1})
	fmt.Println(share, err)
	// Output: 1 <nil>
}

// Numbers of clusters mean nothing: the best pairing of clusters and classes counts.
func ExampleClusterAccuracy() {
	share, err := metrics.ClusterAccuracy([]int{1, 1, 0, 0}, []int{0, 0, 1, 0})
	fmt.Println(share, err)
	// Output: 0.75 <nil>
}
