package train

import (
	"testing"

	"github.com/whitebox-nn/whitebox/nn"
)

// Everywhere runs a test on the host and, where the build has devices, on one.
func Everywhere(t *testing.T, test func(t *testing.T, o nn.Options)) {
	t.Helper()
	t.Run("host", func(t *testing.T) { test(t, nn.Options{}) })
	onDevice(t, test)
}
