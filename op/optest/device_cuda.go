//go:build whitebox_cuda && linux && (amd64 || arm64)

package optest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/internal/engine"
)

// How far a device may be off the host, relative to the largest magnitude.
const (
	deviceTol   = 1e-10
	deviceTol32 = 1e-4
)

// plugIn makes a device be found for the rest of the test.
func plugIn(t *testing.T) bool {
	t.Helper()
	fake.Use(t)
	return true
}

// checkDevice compares a program on a device with the one on the host: on the
// software device, with every intermediate in memory of its own, or on a real one
// where WHITEBOX_REQUIRE asks for it. All ops but those of this package have to
// have their CUDA kernels.
func checkDevice(t *testing.T, c Case, dt tensor.Dtype, m *machine) {
	t.Helper()
	t.Run("device", func(t *testing.T) {
		fake.Use(t)
		dev, err := cuda.Open(0)
		require.NoError(t, err)
		defer func() { require.NoError(t, dev.Close()) }()
		g := newGraph(t, c, dt)
		p, err := engine.Compile(append(gorgonia.Nodes{g.out}, g.grads...),
			engine.Config{Workers: 1, Placement: engine.Placement{Device: dev, HostOps: true, Separate: true}})
		require.NoError(t, err, "compile")
		for _, op := range p.HostOps() {
			require.True(t, strings.HasPrefix(op, "optest."), "%s has no CUDA kernel: write one, see docs/cuda.md", op)
		}
		d := &machine{g, p}
		defer func() { require.NoError(t, p.Close()) }()
		tol := deviceTol
		if dt == tensor.Float32 {
			tol = max(deviceTol32, c.Tol32)
		}
		for i, in := range [][]Array{c.In, moved(c, 7, 0.01), c.In} {
			out, grads := d.run(t, in)
			wantOut, wantGrads := m.run(t, in)
			near(t, fmt.Sprintf("value, run %d", i+1), out, wantOut, tol)
			for j := range grads {
				near(t, fmt.Sprintf("gradient %d, run %d", j, i+1), grads[j], wantGrads[j], tol)
			}
		}
		checkRepeats(t, c, d)
	})
}

func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if d := distance(got, want); !(d <= tol) {
		t.Errorf("%s: the device is off the host by %.3g, tolerance %.1g", what, d, tol)
	}
}

// onDevice calls test with a Runner on the software device, or a real one.
func onDevice(t *testing.T, c Case, dt tensor.Dtype, test func(t *testing.T, run Runner)) {
	t.Helper()
	t.Run(c.Name+"/"+dt.String()+"/device", func(t *testing.T) {
		fake.Use(t)
		dev, err := cuda.Open(0)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, dev.Close()) })
		test(t, runner(t, c, dt, engine.Placement{Device: dev, HostOps: true, Separate: true}))
	})
}
