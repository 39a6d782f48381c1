package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/nn"
)

// TestAStepOfResNet18AllocatesNothing is the step of the workload at a smaller batch.
func TestAStepOfResNet18AllocatesNothing(t *testing.T) {
	step, free, err := resnetStep(2, 64).prepare(nn.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, free()) }()
	require.NoError(t, step())
	require.Zero(t, testing.AllocsPerRun(3, func() {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}))
}
