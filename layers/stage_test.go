package layers_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/layers"
)

// There is no layer 0, none beyond the last, and none of a network that nobody made.
func TestStagesOfNoLayer(t *testing.T) {
	c := layers.UnrollConfig{Name: "net", A: mat.NewDense(2, 3, []float64{1, 0, 2, 0, 1, 1}), Layers: 2}
	made := func(u layers.Unrolled, err error) layers.Unrolled { require.NoError(t, err); return u }
	nets := []layers.Unrolled{
		made(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c})),
		made(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c})),
		made(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: c})),
		made(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: c})),
		made(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: c})),
		made(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: c})),
		made(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: c})),
		made(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: c})),
		made(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: c})),
	}
	for _, u := range nets {
		for _, at := range []int{0, -1, 3, math.MaxInt, math.MinInt} {
			require.Empty(t, u.Stage(at), "%T %d", u, at)
		}
		require.NotEmpty(t, u.Stage(1))
		require.NotEmpty(t, u.Stage(2))
	}
	for _, u := range []layers.Unrolled{
		&layers.LISTA{}, &layers.LISTACP{}, &layers.TiLISTA{}, &layers.ALISTA{}, &layers.StepLISTA{}, &layers.GLISTA{},
		&layers.LFISTA{}, &layers.LIHT{}, &layers.LAMP{},
	} {
		require.Zero(t, u.Depth())
		require.Empty(t, u.Stage(1), "%T", u)
		require.Empty(t, u.Thresholds())
		require.Empty(t, u.Params())
	}
}
