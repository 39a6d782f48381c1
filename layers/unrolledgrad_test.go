package layers_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

func networks(depth int) map[string]layers.Unrolled {
	c, sel := unrollConfig(depth), layers.Selection{P: 12, Max: 30}
	return map[string]layers.Unrolled{
		"LISTA": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c})),
		"LISTA untied": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c, Untied: true, UntiedB: true,
			VectorTheta: true})),
		"LISTA-SS": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c, Select: sel})),
		"LISTA-CP": must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c})),
		"LISTA-CPSS": must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c, Untied: true, Select: sel,
			VectorTheta: true})),
		"TiLISTA":       must(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: c, Select: sel})),
		"ALISTA":        must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: c, Select: sel})),
		"StepLISTA":     must(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: c})),
		"GLISTA":        must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: c})),
		"AGLISTA":       must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: c, Untied: true, Overshoot: true})),
		"LFISTA":        must(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: c})),
		"LFISTA untied": must(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: c, Untied: true, VectorTheta: true})),
		"LAMP":          must(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: c})),
		"LIHT":          must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: c, Sparsity: 3, Untied: true})),
		"LIHT ramp":     must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: c, Ramp: 0.4})),
	}
}

// TestGradientsOfEveryParameter compares the gradient of ½‖z_T − c‖² by every
// parameter with central differences, at parameters that are moved from where the
// network starts. What is selected, and LAMP's ‖z‖₀, are constant over so small a
// difference, as they are in the gradient.
func TestGradientsOfEveryParameter(t *testing.T) {
	for name, l := range networks(4) {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(8, 9))
			for _, p := range l.Params() {
				for i, v := range p.Value.Float64s() {
					p.Value.Float64s()[i] = v + 0.02*rng.NormFloat64()
				}
			}
			g := nn.NewGraph(nn.Train)
			x := must(g.Input("x", tensor.New(tensor.WithShape(samples, measurements),
				tensor.WithBacking(signals().RawMatrix().Data))))
			want := tensor.New(tensor.WithShape(samples, atoms), tensor.Of(tensor.Float64))
			for i := range want.Float64s() {
				want.Float64s()[i] = rng.NormFloat64()
			}
			loss := must(nn.SquaredDistance(must(l.Forward(g, x)), must(g.Input("c", want))))
			p := must(nn.Compile(g, nn.Outputs{Loss: loss, Wrt: l.Params()}))
			defer p.Close()
			value := func() float64 {
				require.NoError(t, p.Run())
				return p.Loss()
			}
			value()
			grads := make([][]float64, len(p.Grads()))
			for i, d := range p.Grads() {
				grads[i] = append([]float64(nil), d.Float64s()...)
			}
			for i, q := range l.Params() {
				v := q.Value.Float64s()
				for _, j := range []int{0, len(v) / 2, len(v) - 1} {
					const h = 1e-7
					was := v[j]
					v[j] = was + h
					up := value()
					v[j] = was - h
					down := value()
					v[j] = was
					require.InDelta(t, (up-down)/(2*h), grads[i][j], 2e-5*(1+math.Abs(grads[i][j])), "%s element %d",
						q.Name, j)
				}
			}
		})
	}
}

// TestStagesAreTheParameters: each parameter is of one stage, and a network of t
// layers depends on those of the first t.
func TestStagesAreTheParameters(t *testing.T) {
	for name, l := range networks(3) {
		var all []*nn.Param
		for depth := 1; depth <= l.Depth(); depth++ {
			all = append(all, l.Stage(depth)...)
			g := nn.NewGraph(nn.Train)
			x := must(g.Input("x", tensor.New(tensor.WithShape(samples, measurements), tensor.Of(tensor.Float64))))
			zs := must(l.Iterate(g, x, depth))
			loss := must(nn.SumSquares(zs[depth-1]))
			p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: all})
			require.NoError(t, err, "%s with %d layers", name, depth)
			require.NoError(t, p.Close())
		}
		require.Equal(t, l.Params(), all, name)
		names := map[string]bool{}
		for _, p := range all {
			require.False(t, names[p.Name], p.Name)
			names[p.Name] = true
		}
	}
}

// TestAStepAllocatesNothing: a run of the training graph and an update.
func TestAStepAllocatesNothing(t *testing.T) {
	for name, l := range networks(4) {
		g := nn.NewGraph(nn.Train)
		x := must(g.Input("x", tensor.New(tensor.WithShape(samples, measurements),
			tensor.WithBacking(signals().RawMatrix().Data))))
		loss := must(nn.SumSquares(must(l.Forward(g, x))))
		p := must(nn.Compile(g, nn.Outputs{Loss: loss, Wrt: l.Params()}))
		opt := must(optim.NewAdam(l.Params(), optim.Constant(1e-3), optim.Adam{}))
		step := func() {
			if err := p.Run(); err != nil {
				panic(err)
			}
			if err := opt.Step(p.Grads()); err != nil {
				panic(err)
			}
		}
		step()
		require.Zero(t, testing.AllocsPerRun(5, step), name)
		require.NoError(t, p.Close())
	}
}

func TestUnrolledNetworksOfOneLayer(t *testing.T) {
	for name, l := range networks(1) {
		require.Len(t, codes(t, l, 1), 1, name)
	}
	l := networks(1)["LISTA"]
	g := nn.NewGraph(nn.Eval)
	_, err := l.Iterate(g, must(g.Input("x", tensor.New(tensor.WithShape(samples, measurements),
		tensor.Of(tensor.Float64)))), 2)
	require.ErrorContains(t, err, "2 iterations of a network of 1 layer")
}

func TestUnrolledNetworksReport(t *testing.T) {
	lista := func(c layers.LISTAConfig) error { _, err := layers.NewLISTA(c); return err }
	c := unrollConfig(2)
	for want, err := range map[string]error{
		"no Name":         lista(layers.LISTAConfig{}),
		"no dictionary":   lista(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "x"}}),
		"selects nothing": lista(layers.LISTAConfig{UnrollConfig: c, Select: layers.Selection{P: 1.2}}),
		"from 0 to 100":   lista(layers.LISTAConfig{UnrollConfig: c, Select: layers.Selection{P: -1}}),
		"-1 Layers":       lista(layers.LISTAConfig{UnrollConfig: unrollConfig(-1)}),
		"holds a number that": lista(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "x",
			A: mat.NewDense(1, 2, []float64{1, math.NaN()})}}),
		"Lambda is -1": lista(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "x", A: c.A,
			Lambda: -1}}),
		"want it 6×11 as A": second(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: c,
			W: mat.NewDense(1, 1, nil)})),
		"Sparsity is 12": second(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: c, Sparsity: 12})),
		"Alpha is -1":    second(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: c, Alpha: -1})),
		"linearly dependent": second(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "x",
			A: mat.NewDense(2, 1, []float64{1, 1})}})),
	} {
		require.ErrorContains(t, err, want)
	}
	l := must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c}))
	g := nn.NewGraph(nn.Eval)
	x := must(g.Input("x", tensor.New(tensor.WithShape(2, 5), tensor.Of(tensor.Float64))))
	_, err := l.Forward(g, x)
	require.ErrorIs(t, err, nn.ErrInput)
	require.ErrorContains(t, err, `layers: LISTACP "net": samples of shape (2, 5), want n×6`)
	_, err = l.Iterate(g, x, 0)
	require.ErrorContains(t, err, "0 iterations")
}

func second[T any](_ T, err error) error { return err }
