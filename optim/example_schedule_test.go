package optim_test

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/optim"
)

// A third and two thirds of the rate, then half a cosine down in four steps: what a schedule
// says of each step.
func ExampleLinearWarmup() {
	s := optim.LinearWarmup(2, optim.CosineAnnealing(1, 4, 0))
	for step := 1; step <= 5; step++ {
		fmt.Printf("%d: %.3f\n", step, s(step))
	}
	// Output:
	// 1: 0.333
	// 2: 0.667
	// 3: 1.000
	// 4: 0.854
	// 5: 0.500
}
