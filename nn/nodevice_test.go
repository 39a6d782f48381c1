//go:build !(whitebox_cuda && linux && (amd64 || arm64))

package nn_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/nn"
)

// everywhere runs a test on the host, for the build has no device.
func everywhere(t *testing.T, test func(t *testing.T, o nn.Options)) {
	t.Run("host", func(t *testing.T) { test(t, nn.Options{}) })
}
