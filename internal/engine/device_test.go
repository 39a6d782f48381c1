//go:build whitebox_cuda && linux && (amd64 || arm64)

package engine_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/internal/op/codingrate"
	"github.com/whitebox-nn/whitebox/internal/op/crossentropy"
	"github.com/whitebox-nn/whitebox/internal/op/relu"
	"github.com/whitebox-nn/whitebox/op"
)

// device opens the software device.
func device(t *testing.T, i int) *cuda.Device {
	t.Helper()
	d, err := cuda.Open(i)
	require.NoError(t, err)
	return d
}

// values returns an input of float64.
func values(g *gorgonia.ExprGraph, name string, shape []int, v ...float64) (*gorgonia.Node, []float64) {
	return gorgonia.NewTensor(g, tensor.Float64, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)))), v
}

func applied(t *testing.T, k op.Op, in ...*gorgonia.Node) *gorgonia.Node {
	t.Helper()
	n, err := op.Apply(k, in...)
	require.NoError(t, err)
	return n
}

// lossOf builds a cross-entropy of 2 samples and 3 classes.
func lossOf(t *testing.T) (loss *gorgonia.Node, x, y []float64) {
	g := gorgonia.NewGraph()
	logits, x := values(g, "x", []int{2, 3}, 1, 2, 3, -1, 0, 4)
	labels, y := values(g, "y", []int{2}, 2, 0)
	logp := applied(t, crossentropy.LogSoftmax{}, logits)
	return applied(t, crossentropy.Mean{}, logits, logp, labels), x, y
}

func TestDeviceRunsAsGraphFromTheSecondRunOn(t *testing.T) {
	fake.Use(t)
	checkRuns(t, true)
}

func TestDeviceRunsStepByStepWhereNothingIsCaptured(t *testing.T) {
	fake.Only(t, "it makes calls fail").Fail("cuStreamBeginCapture_v2", 1, 900)
	checkRuns(t, false)
}

// checkRuns compares runs, whose inputs change, with
// the host's, and counts what they launch.
func checkRuns(t *testing.T, captures bool) {
	t.Helper()
	_, last := fake.Last(t)
	d := device(t, last)
	loss, x, y := lossOf(t)
	p, err := engine.Compile(gorgonia.Nodes{loss}, engine.Config{Placement: engine.Placement{Device: d}})
	require.NoError(t, err)
	other, xHost, yHost := lossOf(t)
	host, err := engine.Compile(gorgonia.Nodes{other}, engine.Config{})
	require.NoError(t, err)
	for run := range 5 {
		x[1], y[0] = float64(run), float64(run%3)
		copy(xHost, x)
		copy(yHost, y)
		require.NoError(t, p.Run())
		require.NoError(t, host.Run())
		got, err := p.Value(loss)
		require.NoError(t, err)
		want, err := host.Value(other)
		require.NoError(t, err)
		require.InDelta(t, want.Float64s()[0], got.Float64s()[0], 1e-12, "run %d", run)
		require.Equal(t, run > 0 && captures, p.Profile().Graph)
		require.EqualValues(t, 5, p.Profile().Device.Launches, "inputs, status, two ops, result")
		require.EqualValues(t, 128, p.Profile().Device.In)
	}
	require.Contains(t, p.Profile().String(), "5 launches on the device, 128 bytes to it")
	require.Zero(t, fake.Allocs(20, func() { require.NoError(t, p.Run()) }))
	require.NoError(t, p.Close())
	require.NoError(t, host.Close())
	require.NoError(t, d.Close())
}

// TestDeviceRunsWhileTheNextInputsTravel changes the inputs between Start and Wait. Copies to
// the device are done as early as events allow, and as late as they do.
func TestDeviceRunsWhileTheNextInputsTravel(t *testing.T) {
	c := fake.Use(t)
	for _, hasty := range []bool{false, true} {
		if c != nil {
			c.Hasty(hasty)
		}
		d := device(t, 0)
		g := gorgonia.NewGraph()
		in, x := values(g, "x", []int{3}, 1, 2, 3)
		out := applied(t, relu.ReLU{}, in)
		p, err := engine.Compile(gorgonia.Nodes{out}, engine.Config{Placement: engine.Placement{Device: d}})
		require.NoError(t, err)
		step := func(sent, changed float64) {
			was := x[0]
			require.NoError(t, p.Start())
			require.ErrorContains(t, p.Start(), "the program is running: Wait for it")
			x[0] = sent
			require.NoError(t, p.Send())
			require.NoError(t, p.Send(), "nothing is sent twice")
			x[0] = changed
			require.NoError(t, p.Wait())
			got, err := p.Value(out)
			require.NoError(t, err)
			require.Equal(t, []float64{was, 2, 3}, got.Float64s())
		}
		for i := range 4 {
			v := float64(10 * i)
			step(v+1, v+1)
			step(v+2, v+3) // and what is changed after Send is sent again
			x[0] = v + 4
			require.NoError(t, p.Send())
			x[0] = v + 5
			require.NoError(t, p.Send())
		}
		require.EqualValues(t, 64, p.Profile().Device.In)
		require.NoError(t, p.Wait(), "nothing to wait for")
		require.NoError(t, p.Start())
		require.NoError(t, p.Send())
		require.NoError(t, p.Close())
		require.NoError(t, d.Close())
	}
}

// TestDeviceRunsStepByStepWhereALibraryRefusesToBeCaptured lets cuSOLVER fail in the
// second run, which is captured.
func TestDeviceRunsStepByStepWhereALibraryRefusesToBeCaptured(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	d := device(t, 0)
	g := gorgonia.NewGraph()
	z, v := values(g, "z", []int{3, 2}, 1, 2, 3, 4, 5, 6)
	rate := applied(t, codingrate.Rate{Eps2: 0.5}, z, applied(t, codingrate.Factor{Eps2: 0.5}, z))
	p, err := engine.Compile(gorgonia.Nodes{rate}, engine.Config{Placement: engine.Placement{Device: d}})
	require.NoError(t, err)
	host, err := engine.Compile(gorgonia.Nodes{rate}, engine.Config{})
	require.NoError(t, err)
	for run := range 4 {
		v[0] = float64(run)
		if run == 1 {
			c.Fail("cusolverDnDpotrf", 1, 900)
		}
		require.NoError(t, p.Run(), "run %d", run)
		require.NoError(t, host.Run())
		require.InDelta(t, value(t, host, rate)[0], value(t, p, rate)[0], 1e-12, "run %d", run)
	}
	require.NoError(t, host.Close())
	require.NoError(t, p.Close())
	require.NoError(t, d.Close())
}

func TestDeviceReportsWrongLabelsAndNaN(t *testing.T) {
	fake.Use(t)
	d := device(t, 0)
	loss, _, y := lossOf(t)
	p, err := engine.Compile(gorgonia.Nodes{loss}, engine.Config{Placement: engine.Placement{Device: d}})
	require.NoError(t, err)
	for _, bad := range []float64{3, -1, 0.5, math.NaN()} {
		y[1] = bad
		err := p.Run()
		require.ErrorIs(t, err, op.ErrInput, "%v", bad)
		require.ErrorContains(t, err, fmt.Sprintf("the label of sample 1 is %v, want an integer from 0 to 2", bad))
	}
	y[1] = 1
	require.NoError(t, p.Run(), "and goes on")
	require.NoError(t, p.Close())

	g := gorgonia.NewGraph()
	z, v := values(g, "z", []int{2, 2}, 1, 2, 3, 4)
	labels, l := values(g, "y", []int{2}, 1, 0)
	of := codingrate.ClassFactor{Eps2: 0.5, Classes: 2}
	p, err = engine.Compile(gorgonia.Nodes{applied(t, of, z, labels)},
		engine.Config{Placement: engine.Placement{Device: d}})
	require.NoError(t, err)
	require.NoError(t, p.Run())
	v[2] = math.NaN()
	err = p.Run()
	require.ErrorIs(t, err, op.ErrNotFinite)
	require.ErrorContains(t, err, "class 0, 1 samples: coding rate: the features (2×2) hold a NaN")
	v[2], l[0] = 3, 7
	require.ErrorContains(t, p.Run(), "the label of sample 0 is 7, want an integer from 0 to 1")
	require.NoError(t, p.Close())
	require.NoError(t, d.Close())
}

// hostOnly is max(x, 0) without a CUDA kernel.
type hostOnly struct{ relu.ReLU }

// Spec is ReLU's without its CUDA kernel.
func (k hostOnly) Spec() op.Spec {
	s := k.ReLU.Spec()
	s.Device = nil
	return s
}

func TestDeviceNamesOpsWithoutAKernelOrRunsThemOnTheHost(t *testing.T) {
	fake.Use(t)
	d := device(t, 0)
	g := gorgonia.NewGraph()
	x, v := values(g, "x", []int{4}, -1, 2, -3, 4)
	y := applied(t, relu.ReLU{}, applied(t, hostOnly{relu.ReLU{}}, x))
	_, err := engine.Compile(gorgonia.Nodes{y}, engine.Config{Placement: engine.Placement{Device: d}})
	require.ErrorContains(t, err, "there is no CUDA kernel for engine_test.hostOnly: set HostOps")

	var log bytes.Buffer
	p, err := engine.Compile(gorgonia.Nodes{y}, engine.Config{Placement: engine.Placement{Device: d, HostOps: true,
		Logger: slog.New(slog.NewTextHandler(&log, nil))}})
	require.NoError(t, err)
	for run := range 3 {
		v[0] = float64(run)
		require.NoError(t, p.Run())
		got, err := p.Value(y)
		require.NoError(t, err)
		require.Equal(t, []float64{float64(run), 2, 0, 4}, got.Float64s())
	}
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("engine_test.hostOnly")), "one warning")
	require.NoError(t, p.Close())
	require.NoError(t, d.Close())
}

// TestDeviceGivesEverythingBackAfterAFault makes each allocation of a program fail.
func TestDeviceGivesEverythingBackAfterAFault(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	d := device(t, 0)
	for _, fault := range []struct {
		call string
		code int
	}{{"cuMemAlloc_v2", 2}, {"cuMemHostAlloc", 2}, {"cuEventCreate", 1}, {"cuModuleGetFunction", 500}} {
		for nth := 1; nth <= 3; nth++ {
			loss, _, _ := lossOf(t)
			c.Fail(fault.call, nth, fault.code)
			p, err := engine.Compile(gorgonia.Nodes{loss}, engine.Config{Placement: engine.Placement{Device: d}})
			if err == nil {
				require.NoError(t, p.Close())
			}
			c.Fail("", 0, 0)
			require.Zero(t, d.Live(), "%s, call %d: %v", fault.call, nth, err)
		}
	}
	loss, _, _ := lossOf(t)
	p, err := engine.Compile(gorgonia.Nodes{loss}, engine.Config{Placement: engine.Placement{Device: d}})
	require.NoError(t, err)
	c.Fail("cuStreamSynchronize", 1, 719)
	err = p.Run()
	require.ErrorIs(t, err, cuda.ErrDeviceLost)
	require.ErrorContains(t, err, "the last checkpoint")
	require.Error(t, p.Close())
	c.Forgive()
	require.Zero(t, d.Live())
	require.NoError(t, d.Close())
}
