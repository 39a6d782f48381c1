package ratereduction_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/ratereduction"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// One sample of two features and its maps Ez, C₁z and C₂z. C₁z is 0: the sample lies in the subspace of class 1. The
// memberships are a softmax of −λ‖C₁z‖ and −λ‖C₂z‖, here with λ = 2: 1/(1 + e⁻²) and e⁻²/(1 + e⁻²).
func ExampleMembership() {
	formula := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return ratereduction.Membership(in[0], 2) }
	y, err := optest.Eval(tensor.Float64, formula, optest.Of([]float64{1, 0, 0, 0, 0, 1}, 1, 3, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", y)
	// Output: [0.881 0.119]
}
