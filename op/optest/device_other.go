//go:build !whitebox_cuda || !linux || !(amd64 || arm64)

package optest

import (
	"testing"

	"gorgonia.org/tensor"
)

// checkDevice does nothing: this build has no devices.
func checkDevice(*testing.T, Case, tensor.Dtype, *machine) {}

// plugIn reports that this build has no devices.
func plugIn(*testing.T) bool { return false }

// onDevice does nothing: this build has no devices.
func onDevice(*testing.T, Case, tensor.Dtype, func(t *testing.T, run Runner)) {}
