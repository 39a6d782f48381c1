//go:build !(whitebox_cuda && linux && (amd64 || arm64))

package train

import (
	"testing"

	"github.com/whitebox-nn/whitebox/nn"
)

func onDevice(*testing.T, func(t *testing.T, o nn.Options)) {}

func allocs(_ nn.Options, runs int, f func()) float64 { return testing.AllocsPerRun(runs, f) }
