package models_test

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/models"
)

// What a perceptron of 3·4 + 3 + 2·3 + 2 numbers is made of, for a sample of 4 features.
func ExampleSummarize() {
	net := must(models.NewMLP(models.MLPConfig{Dims: []int{4, 3, 2}}))
	s := must(models.Summarize(net, 1, 4))
	fmt.Println(s.Params, "numbers are trained,", s.Frozen, "are not")
	// Output: 23 numbers are trained, 0 are not
}
