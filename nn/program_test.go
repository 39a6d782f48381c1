package nn_test

import (
	"math"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
)

// param returns a 3×2 parameter.
func param(t testing.TB, name string, dt tensor.Dtype, values ...float64) *nn.Param {
	t.Helper()
	p, err := nn.NewParam(name, dt, 3, 2)
	require.NoError(t, err)
	if values == nil {
		values = []float64{1, 2, -1, 0.5, 0.25, 3}
	}
	require.NoError(t, nn.SetFloats(p.Value, values))
	return p
}

// rate builds the coding rate of a parameter.
func rate(t testing.TB, g *nn.Graph, p *nn.Param) *gorgonia.Node {
	t.Helper()
	z, err := g.Bind(p)
	require.NoError(t, err)
	r, err := codingrate.Rate(z, 0.5)
	require.NoError(t, err)
	return r
}

func TestBindGivesOneNodeAParam(t *testing.T) {
	g, a, b := nn.NewGraph(nn.Eval), param(t, "w", tensor.Float64), param(t, "w", tensor.Float64)
	first, err := g.Bind(a)
	require.NoError(t, err)
	again, err := g.Bind(a)
	require.NoError(t, err)
	require.True(t, first == again)
	_, err = g.Bind(b)
	require.True(t, errors.Is(err, nn.ErrDuplicate), "%v", err)
	require.ErrorContains(t, err, `"w"`)
	_, err = g.Input("w", a.Value)
	require.True(t, errors.Is(err, nn.ErrDuplicate), "%v", err)
	require.Equal(t, []*nn.Param{a}, g.Params())
}

func TestInputRefusesWhatTheEngineCannotRead(t *testing.T) {
	g := nn.NewGraph(nn.Eval)
	view, err := tensor.New(tensor.WithShape(2, 2), tensor.Of(tensor.Float64)).Slice(nil, gorgonia.S(0))
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		v    *tensor.Dense
		want string
	}{
		{"", tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64)), "needs a name"},
		{"x", nil, "no value"},
		{"x", tensor.New(tensor.WithShape(2), tensor.Of(tensor.Int)), "float32 or float64"},
		{"x", view.(*tensor.Dense), "contiguous"},
	} {
		_, err := g.Input(c.name, c.v)
		require.ErrorContains(t, err, c.want)
	}
}

func TestNewParamRefusesShapesThatHoldNothing(t *testing.T) {
	for _, shape := range [][]int{{}, {0}, {2, -1}} {
		_, err := nn.NewParam("w", tensor.Float32, shape...)
		require.Error(t, err, "%v", shape)
	}
	_, err := nn.NewParam("", tensor.Float32, 1)
	require.ErrorContains(t, err, "name")
	_, err = nn.NewParam("w", tensor.Int, 1)
	require.ErrorContains(t, err, "float32 or float64")
}

// TestTwoGraphsShareAParam changes a parameter and sees both graphs change.
func TestTwoGraphsShareAParam(t *testing.T) {
	p := param(t, "z", tensor.Float64)
	var programs []*nn.Program
	for _, mode := range []nn.Mode{nn.Train, nn.Eval} {
		g := nn.NewGraph(mode)
		prog, err := nn.Compile(g, nn.Outputs{Loss: rate(t, g, p)})
		require.NoError(t, err)
		defer prog.Close()
		programs = append(programs, prog)
	}
	for _, scale := range []float64{1, 2} {
		require.NoError(t, nn.SetFloats(p.Value, []float64{scale, 0, 0, scale, 0, 0}))
		// ZᵀZ = scale²·I and α = 2/(3·½): R = log(1 + 4/3 scale²).
		want := math.Log1p(4.0 / 3 * scale * scale)
		for _, prog := range programs {
			require.NoError(t, prog.Run())
			require.InDelta(t, want, prog.Loss(), 1e-14)
		}
	}
}

func TestCompileReportsLossesAndParamsThatDoNotFit(t *testing.T) {
	g := nn.NewGraph(nn.Train)
	p, apart := param(t, "z", tensor.Float64), param(t, "apart", tensor.Float64)
	loss := rate(t, g, p)
	z, err := g.Bind(p)
	require.NoError(t, err)

	_, err = nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{apart}})
	require.True(t, errors.Is(err, nn.ErrUnbound), "%v", err)
	require.ErrorContains(t, err, `"apart"`)
	_, err = nn.Compile(g, nn.Outputs{Loss: z, Wrt: []*nn.Param{p}})
	require.ErrorContains(t, err, "want a scalar")
	_, err = nn.Compile(g, nn.Outputs{Wrt: []*nn.Param{p}})
	require.ErrorContains(t, err, "no loss")
	_, err = nn.Compile(g, nn.Outputs{})
	require.ErrorContains(t, err, "no outputs")

	_, err = g.Bind(apart)
	require.NoError(t, err)
	_, err = nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{apart}})
	require.Error(t, err, "the loss does not depend on the parameter")
}

func TestProgramGivesLossGradientsAndProbes(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		g, p := nn.NewGraph(nn.Train), param(t, "z", dt)
		loss := rate(t, g, p)
		require.NoError(t, g.Probe("rate", loss))
		require.True(t, errors.Is(g.Probe("rate", loss), nn.ErrDuplicate))
		require.Error(t, g.Probe("none", nil))
		prog, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{p}})
		require.NoError(t, err)
		defer prog.Close()
		require.NoError(t, prog.Run())
		require.Equal(t, []string{"rate"}, prog.Probes())
		require.Equal(t, prog.Loss(), prog.Scalar("rate"))
		require.True(t, math.IsNaN(prog.Scalar("other")))
		_, err = prog.Probe("other")
		require.ErrorContains(t, err, `"rate"`)

		d, err := prog.Grad(p)
		require.NoError(t, err)
		require.True(t, d == prog.Grads()[0])
		require.Equal(t, dt, d.Dtype())
		_, err = prog.Grad(param(t, "other", dt))
		require.True(t, errors.Is(err, nn.ErrUnbound))

		// ⟨∇R, Z⟩ = Σᵢ ασᵢ²/(1+ασᵢ²) < rank: Euler's identity for R along Z.
		dot := 0.0
		dz, err := nn.Floats(nil, d)
		require.NoError(t, err)
		z, err := nn.Floats(nil, p.Value)
		require.NoError(t, err)
		for i := range z {
			dot += dz[i] * z[i]
		}
		require.Greater(t, dot, 0.0)
		require.Less(t, dot, 2.0)
	}
}

func TestStepIsANodeThatTheProgramSets(t *testing.T) {
	g := nn.NewGraph(nn.Train)
	n, err := g.Step()
	require.NoError(t, err)
	again, err := g.Step()
	require.NoError(t, err)
	require.True(t, n == again)
	prog, err := nn.Compile(g, nn.Outputs{Values: []*gorgonia.Node{n}})
	require.NoError(t, err)
	defer prog.Close()
	prog.SetStep(12)
	require.NoError(t, prog.Run())
	v, err := prog.Value(n)
	require.NoError(t, err)
	require.Equal(t, []float64{12}, v.Float64s())
}

// TestGraphsAreBuiltAndRunAtOnce is for the race detector: Gorgonia's own Grad
// shares a constant between graphs.
func TestGraphsAreBuiltAndRunAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			g, p := nn.NewGraph(nn.Train), param(t, "z", tensor.Float64)
			prog, err := nn.Compile(g, nn.Outputs{Loss: rate(t, g, p), Wrt: []*nn.Param{p}}, nn.Options{Workers: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer prog.Close()
			for range 3 {
				if err := prog.Run(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestCompileTakesOneOptions(t *testing.T) {
	g, p := nn.NewGraph(nn.Train), param(t, "z", tensor.Float64)
	_, err := nn.Compile(g, nn.Outputs{Loss: rate(t, g, p)}, nn.Options{}, nn.Options{})
	require.ErrorContains(t, err, "at most one")
}
