package initializer_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// The first values of a parameter follow from the seed and its name: the same seed, the same numbers.
func ExampleNewParam() {
	w, err := initializer.NewParam("w", tensor.Float64, 1, initializer.Glorot{}, 300, 200)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := initializer.NewParam("w", tensor.Float64, 1, initializer.Glorot{}, 300, 200)
	if err != nil {
		fmt.Println(err)
		return
	}
	sum := 0.0
	for _, v := range w.Value.Float64s() {
		sum += v * v
	}
	fmt.Printf("variance %.4f, near 2/(300 + 200)\n", sum/300/200)
	fmt.Println(w.Value.Float64s()[7] == again.Value.Float64s()[7])
	// Output:
	// variance 0.0040, near 2/(300 + 200)
	// true
}
