//go:build whitebox_cuda && linux && (amd64 || arm64)

package nn_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
)

func openDevice(t testing.TB, i int) *cuda.Device {
	t.Helper()
	d, err := cuda.Open(i)
	require.NoError(t, err)
	return d
}

// everywhere runs a test on the host and on a device.
func everywhere(t *testing.T, test func(t *testing.T, o nn.Options)) {
	t.Run("host", func(t *testing.T) { test(t, nn.Options{}) })
	t.Run("device", func(t *testing.T) {
		fake.Use(t)
		d := openDevice(t, 0)
		t.Cleanup(func() { require.NoError(t, d.Close()) })
		test(t, nn.Options{Device: d})
	})
}

// squares compiles Σ (w·x)², whose gradient by w is 2·w·x², with w·x as the next
// value of m.
func squares(t testing.TB, o nn.Options, w, m *nn.Param, x *tensor.Dense) *nn.Program {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	bound, err := g.Bind(w)
	require.NoError(t, err)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	y, err := nn.Mul(bound, in)
	require.NoError(t, err)
	loss, err := nn.SumSquares(y)
	require.NoError(t, err)
	require.NoError(t, g.Probe("y", y))
	m.Frozen = true
	require.NoError(t, g.Update(m, func(*gorgonia.Node) (*gorgonia.Node, error) { return y, nil }))
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{w}}, o)
	require.NoError(t, err)
	return p
}

func TestAnAccumulatorAddsUpRuns(t *testing.T) { everywhere(t, testAnAccumulatorAddsUpRuns) }

func testAnAccumulatorAddsUpRuns(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		w, m := param(t, "w", dt, 1, 2, 3, 4, 5, 6), param(t, "m", dt)
		x := tensor.New(tensor.WithShape(3, 2), tensor.Of(dt))
		p := squares(t, o, w, m, x)
		a, err := nn.NewAccumulator(p)
		require.NoError(t, err)
		require.ErrorContains(t, a.Commit(), "commit of no runs")
		for range 2 {
			a.Reset()
			for _, v := range []float64{1, 2, -3} {
				require.NoError(t, nn.SetFloats(x, []float64{v, v, v, 0, v, v}))
				require.NoError(t, p.Run())
				require.NoError(t, a.Add())
			}
			require.NoError(t, a.Commit())
		}
		require.NoError(t, nn.Sync([]*nn.Param{m}))
		got, err := nn.Floats(nil, m.Value)
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0, 0, 0, 0, 0}, got, "the mean of the runs")
		sum, err := nn.Floats(nil, a.Grads()[0])
		require.NoError(t, err)
		if o.Device == nil {
			require.Equal(t, []float64{28, 56, 84, 0, 140, 168}, sum)
		} else {
			require.Equal(t, sum, make([]float64, 6), "it stands for what is on the device")
			at, ok := sumOf(t, w, a)
			require.True(t, ok)
			require.Equal(t, []float64{28, 56, 84, 0, 140, 168}, at)
		}
		require.NoError(t, a.Close())
		_, ok := sumOf(t, w, a)
		require.False(t, ok)
		require.NoError(t, p.Close())
		require.NoError(t, a.Close(), "twice")
	}
}

// sumOf reads the sum of gradients that an optimizer would.
func sumOf(t testing.TB, w *nn.Param, a *nn.Accumulator) ([]float64, bool) {
	if !nn.OnDevice([]*nn.Param{w}, a.Grads()[:1]) {
		return nil, false
	}
	sum, err := nn.NewParam("sum", w.Value.Dtype(), w.Value.Shape()...)
	require.NoError(t, err)
	numbers := tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float64))
	u, err := nn.NewUpdate(update.Step{Kind: update.Copy, Factors: "1"},
		[]nn.UpdateInput{{Param: w, Grad: a.Grads()[0], State: []*nn.Param{sum}}}, numbers)
	require.NoError(t, err)
	require.NoError(t, u.Run())
	require.NoError(t, nn.Sync([]*nn.Param{sum}))
	x, err := nn.Floats(nil, sum.Value)
	require.NoError(t, err)
	return x, true
}

func TestRowsGoFromAProgramToAParameter(t *testing.T) {
	everywhere(t, testRowsGoFromAProgramToAParameter)
}

func testRowsGoFromAProgramToAParameter(t *testing.T, o nn.Options) {
	w, m := param(t, "w", tensor.Float64, 1, 2, 3, 4, 5, 6), param(t, "m", tensor.Float64)
	x := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{1, 1, 1, 1, 1, 1}))
	p := squares(t, o, w, m, x)
	to, other := param(t, "to", tensor.Float64, 9, 8, 7, 6, 5, 4), param(t, "other", tensor.Float64)
	q := squares(t, o, to, other, x)
	require.NoError(t, p.Run())
	require.NoError(t, p.CopyRows(to, 0, p.Grads()[0], 1, 3))
	require.NoError(t, q.Run())
	require.InDelta(t, 36+64+100+144+25+16, q.Loss(), 1e-12, "rows 6 8, 10 12 and what was")
	require.NoError(t, nn.Sync([]*nn.Param{to}))
	require.Equal(t, []float64{6, 8, 10, 12, 5, 4}, to.Value.Float64s())

	wide, err := nn.NewParam("wide", tensor.Float64, 3, 3)
	require.NoError(t, err)
	require.ErrorContains(t, p.CopyRows(wide, 0, p.Grads()[0], 0, 1), `rows of 2 elements to "wide"`)
	single := param(t, "single", tensor.Float32)
	require.ErrorContains(t, p.CopyRows(single, 0, p.Grads()[0], 0, 1), `of float64 rows`)
	for _, bad := range [][3]int{{0, -1, 1}, {0, 2, 1}, {0, 0, 4}, {-1, 0, 1}, {2, 0, 2}} {
		require.ErrorContains(t, p.CopyRows(to, bad[0], p.Grads()[0], bad[1], bad[2]), `of "to"`)
	}
	if o.Device != nil {
		free := param(t, "free", tensor.Float64)
		require.ErrorContains(t, p.CopyRows(free, 0, p.Grads()[0], 0, 1),
			`copy to "free": it, or what is copied, is not on`)
		require.ErrorContains(t, p.CopyRows(to, 0, q.Grads()[0], 0, 1), "is not on")
	}
	require.NoError(t, p.Close())
	require.NoError(t, q.Close())
}

// TestTwoDevicesWorkAtOnce runs a program on each of two, in goroutines.
func TestTwoDevicesWorkAtOnce(t *testing.T) {
	fake.Use(t)
	if infos, err := cuda.Devices(); err != nil || len(infos) < 2 {
		t.Log("there is one device only")
		return
	}
	var all sync.WaitGroup
	for i := range 2 {
		d := openDevice(t, i)
		all.Go(func() {
			w, m := param(t, "w", tensor.Float64, 1, 2, 3, 4, 5, 6), param(t, "m", tensor.Float64)
			x := tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float64))
			p := squares(t, nn.Options{Device: d}, w, m, x)
			for run := range 20 {
				v := float64(run + 10*i)
				for k := range x.Float64s() {
					x.Float64s()[k] = v
				}
				if err := p.Run(); err != nil {
					t.Error(err)
				}
				if got := p.Loss(); got != 91*v*v {
					t.Errorf("device %d, run %d: %v, want %v", i, run, got, 91*v*v)
				}
				p.Commit()
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			if got, want := m.Value.Float64s()[5], 6*float64(19+10*i); got != want {
				t.Errorf("device %d: %v, want %v", i, got, want)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestAProgramThatIsTooLargeSaysWhatItNeeds has a device of 1 MiB.
func TestAProgramThatIsTooLargeSaysWhatItNeeds(t *testing.T) {
	c := fake.Only(t, "it takes memory away")
	d := openDevice(t, 0)
	c.Memory(1 << 20)
	g := nn.NewGraph(nn.Train)
	x, err := g.Input("x", tensor.New(tensor.WithShape(400, 500), tensor.Of(tensor.Float32)))
	require.NoError(t, err)
	y, err := nn.Sum(x)
	require.NoError(t, err)
	_, err = nn.Compile(g, nn.Outputs{Loss: y}, nn.Options{Device: d})
	require.ErrorIs(t, err, cuda.ErrOutOfMemory)
	require.ErrorContains(t, err, "nn: compile: engine: the program needs 1.5")
	require.ErrorContains(t, err, "1 MiB of 1 MiB are free on software device 0")
	require.ErrorContains(t, err, "a smaller batch")
	require.Zero(t, d.Driver.Live())
	require.NoError(t, d.Close())
}

// TestClosingInTheWrongOrderIsAnError closes a device before its program.
func TestClosingInTheWrongOrderIsAnError(t *testing.T) {
	fake.Use(t)
	d, second := openDevice(t, 0), (*cuda.Device)(nil)
	w, m := param(t, "w", tensor.Float64), param(t, "m", tensor.Float64)
	x := tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float64))
	p := squares(t, nn.Options{Device: d}, w, m, x)
	require.ErrorContains(t, d.Close(), "that are not freed: close its programs first")
	require.NoError(t, p.Run(), "it stays open")
	if infos, err := cuda.Devices(); err == nil && len(infos) > 1 {
		second = openDevice(t, 1)
		g := nn.NewGraph(nn.Train)
		y, err := nn.SumSquares(build.Must(g.Bind(w)))
		require.NoError(t, err)
		_, err = nn.Compile(g, nn.Outputs{Loss: y}, nn.Options{Device: second})
		require.ErrorContains(t, err, `parameter "w" is on`)
		require.ErrorContains(t, err, "close the programs there first")
	}
	require.NoError(t, p.Close())
	require.NoError(t, p.Close(), "twice")
	require.ErrorContains(t, p.Run(), "closed")
	require.ErrorContains(t, p.Start(), "closed")
	require.ErrorContains(t, p.Send(), "closed")
	require.NoError(t, d.Close())
	require.NoError(t, d.Close(), "twice")
	require.NoError(t, second.Close())
	g := nn.NewGraph(nn.Train)
	y, err := nn.SumSquares(build.Must(g.Bind(w)))
	require.NoError(t, err)
	_, err = nn.Compile(g, nn.Outputs{Loss: y}, nn.Options{Device: d})
	require.ErrorIs(t, err, cuda.ErrClosed)
}
