package layers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// TestALayerThatNewDidNotMakeIsAnError has nil and zero values of every layer with parameters.
func TestALayerThatNewDidNotMakeIsAnError(t *testing.T) {
	for _, l := range []layers.Layer{
		(*layers.RandomConv)(nil), &layers.RandomConv{}, (*layers.ReduNet)(nil), &layers.ReduNet{},
		(*layers.TiLISTA)(nil), &layers.TiLISTA{}, (*layers.ALISTA)(nil), &layers.ALISTA{},
		(*layers.StepLISTA)(nil), &layers.StepLISTA{}, (*layers.LISTA)(nil), &layers.LISTA{},
		(*layers.LISTACP)(nil), &layers.LISTACP{}, (*layers.GLISTA)(nil), &layers.GLISTA{},
		(*layers.LFISTA)(nil), &layers.LFISTA{}, (*layers.LIHT)(nil), &layers.LIHT{},
		(*layers.LAMP)(nil), &layers.LAMP{}, (*layers.Linear)(nil), &layers.Linear{},
	} {
		g := nn.NewGraph(nn.Eval)
		x, err := g.Input("x", tensor.New(tensor.WithShape(2, 3), tensor.Of(tensor.Float32)))
		require.NoError(t, err)
		_, err = l.Forward(g, x)
		require.ErrorContains(t, err, "New", "%T", l)
		require.Empty(t, l.Params(), "%T", l)
		u, ok := l.(layers.Unrolled)
		if !ok {
			continue
		}
		_, err = u.Iterate(g, x, 1)
		require.ErrorContains(t, err, "New", "%T", l)
		require.Nil(t, u.Stage(1), "%T", l)
	}
}

// TestStagesAreThoseOfTheLayers: a stage for each layer, none before and none behind, and the
// parameters of all stages are those of the network, once each.
func TestStagesAreThoseOfTheLayers(t *testing.T) {
	a := mat.NewDense(2, 3, []float64{1, 0, 0.5, 0, 1, 0.5})
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		of := layers.UnrollConfig{Name: "n", A: a, Layers: 3, Dtype: dt}
		made := func(u layers.Unrolled, err error) layers.Unrolled { require.NoError(t, err); return u }
		ti, err := layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: of})
		nets := []layers.Unrolled{made(ti, err)}
		al, err := layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: of})
		nets = append(nets, made(al, err))
		st, err := layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: of})
		nets = append(nets, made(st, err))
		li, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: of, Untied: true})
		nets = append(nets, made(li, err))
		cp, err := layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: of})
		nets = append(nets, made(cp, err))
		gl, err := layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: of, Overshoot: true})
		nets = append(nets, made(gl, err))
		lf, err := layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: of})
		nets = append(nets, made(lf, err))
		ih, err := layers.NewLIHT(layers.LIHTConfig{UnrollConfig: of})
		nets = append(nets, made(ih, err))
		am, err := layers.NewLAMP(layers.LAMPConfig{UnrollConfig: of})
		nets = append(nets, made(am, err))
		for _, u := range nets {
			require.Nil(t, u.Stage(0), "%T", u)
			require.Nil(t, u.Stage(-1), "%T", u)
			require.Nil(t, u.Stage(4), "%T", u)
			seen := map[*nn.Param]bool{}
			for stage := 1; stage <= 3; stage++ {
				ps := u.Stage(stage)
				require.NotEmpty(t, ps, "%T, layer %d", u, stage)
				for _, p := range ps {
					require.False(t, seen[p], "%T: %s is of two layers", u, p.Name)
					seen[p] = true
					if strings.Contains(p.Name, "layer") {
						require.Contains(t, p.Name, fmt.Sprintf("layer%d.", stage), "%T", u)
					}
				}
			}
			require.Len(t, u.Params(), len(seen), "%T", u)
		}
	}
}

// TestALayerMovesInOneOpWhereThatIsFaster looks at the ops: layers of 48 features on, of any
// number of frequencies, and of matrices, soft memberships.
func TestALayerMovesInOneOpWhereThatIsFaster(t *testing.T) {
	for name, c := range map[string]struct {
		cfg layers.ReduNetConfig
		one bool
	}{
		"47 features": {layers.ReduNetConfig{Dim: 47}, false},
		"48 features": {layers.ReduNetConfig{Dim: 48}, true},
		"hard":        {layers.ReduNetConfig{Dim: 48, Hard: true}, false},
		"factors":     {layers.ReduNetConfig{Dim: 48, Rows: []int{2, 2}}, false},
		"spectra":     {layers.ReduNetConfig{Dim: 3, Freqs: 2}, true},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			c.cfg.Name, c.cfg.Classes, c.cfg.Dtype = "l", 2, dt
			l, err := layers.NewReduNet(c.cfg)
			require.NoError(t, err)
			g := nn.NewGraph(nn.Eval)
			shape := []int{5, c.cfg.Dim}
			if c.cfg.Freqs > 0 {
				shape = []int{c.cfg.Freqs, 5, 2 * c.cfg.Dim}
			}
			z, err := g.Input("z", tensor.New(tensor.WithShape(shape...), tensor.Of(dt)))
			require.NoError(t, err)
			out, err := l.Move(g, z)
			require.NoError(t, err)
			p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{out}})
			require.NoError(t, err)
			require.Equal(t, c.one, p.Len() == 1, "%s: %d ops", name, p.Len())
			require.NoError(t, p.Close())
		}
	}
}
