package optim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/optim"
)

// LR is the rate of the first step before it and after it, and of the last step from then on.
func TestLRIsThatOfTheLastStep(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		p := []*nn.Param{param(t, "a", dt, 1, 2)}
		o, err := optim.NewSGD(p, func(step int) float64 { return 1 / float64(step) }, optim.SGD{})
		require.NoError(t, err)
		for _, want := range []float64{1, 1, 0.5, 1.0 / 3} {
			require.Equal(t, want, o.LR())
			require.NoError(t, o.Step([]*tensor.Dense{vector(t, dt, 1, 1)}))
		}
	}
	require.Zero(t, (*optim.Optimizer)(nil).LR())
	require.Equal(t, 1.0, (&optim.Optimizer{}).LR(), "without a schedule")
}

// A Rule's numbers are counted from 0 to 4096, and both functions are wanted.
func TestARuleHasItsNumbers(t *testing.T) {
	numbers := func(int, []float64) {}
	of := func([]*nn.Param) op.Op { return nil }
	for _, count := range []int{-1, 4097} {
		_, err := optim.NewRule([]*nn.Param{param(t, "a", tensor.Float32, 1, 2)},
			optim.Rule{Op: of, Numbers: numbers, Count: count})
		require.ErrorContains(t, err, fmt.Sprintf("Count is %d; want both functions and a Count from 0 to 4096", count))
	}
	for _, r := range []optim.Rule{{Op: of}, {Numbers: numbers}, {}} {
		_, err := optim.NewRule([]*nn.Param{param(t, "a", tensor.Float32, 1, 2)}, r)
		require.ErrorContains(t, err, fmt.Sprintf("Op is nil: %t, Numbers is nil: %t", r.Op == nil, r.Numbers == nil))
	}
	for _, count := range []int{0, 4096} {
		_, err := optim.NewRule(nil, optim.Rule{Op: of, Numbers: numbers, Count: count})
		require.ErrorContains(t, err, "optim: rule: ")
		require.NotContains(t, err.Error(), "want both functions", "it is the parameters that are missing")
	}
}
