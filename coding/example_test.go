package coding_test

import (
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
