package coding_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
)

// Two classes on orthogonal lines: coding each apart saves log(3) − log(5)/2 nats
// a sample.
func ExampleReduction() {
	z := mat.NewDense(4, 2, []float64{1, 0, -1, 0, 0, 1, 0, -1})
	delta, err := coding.Reduction(z, []int{0, 0, 1, 1}, 2, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("ΔR = %.4f nats\n", delta)
	// Output: ΔR = 0.2939 nats
}

// Samples of two lines through the origin: two groups, which nobody asked for.
func ExampleClustering() {
	x := mat.NewDense(8, 2, []float64{1, 0.01, 2, -0.02, -1.5, 0, 0.5, 0.01, 0.01, 1, -0.01, -2, 0.02, 1.5, 0, 0.7})
	found, err := coding.Clustering{Eps2: 0.1 * 0.1}.Fit(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d groups in %.1f bits: %v; apart %.1f bits\n", found.Groups, found.Bits, found.Labels,
		found.History[0].Bits)
	// Output: 2 groups in 59.6 bits: [0 0 0 0 1 1 1 1]; apart 120.8 bits
}

// A sample joins the class whose code it makes longer by the fewest bits.
func ExampleIncremental() {
	x := mat.NewDense(6, 2, []float64{1, 0, -2, 0, 3, 0, 0, 1, 0, -3, 0, 2})
	classes, err := coding.Incremental{Eps2: 0.01}.Fit(x, []int{0, 0, 0, 1, 1, 1}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(classes.Predict(mat.NewDense(2, 2, []float64{5, 0.1, -0.1, 0.4})))
	// Output: [0 1] <nil>
}

// The worked example of the regularised rate reduction.
func ExampleRegularizedOptimum() {
	sizes := []int{8, 5}
	most, err := coding.MaxLambda(6, sizes, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := coding.RegularizedOptimum(6, sizes, 0.5, most/2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("singular values %.4f, ranks %d, F = %.6f\n", o.Sigma, o.Ranks, o.Max)
	// Output: singular values [2.2372 3.0808], ranks [1 5], F = 1.391244
}
