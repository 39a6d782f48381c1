package layers_test

import (
	"math"
	"regexp"
	"strconv"
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

// TestParametersAreNamedByTheirLayer: those of a stage by its layer, from layer1 on, and
// none twice.
func TestParametersAreNamedByTheirLayer(t *testing.T) {
	c := layers.UnrollConfig{Name: "net", A: mat.NewDense(2, 3, []float64{1, 0, 2, 0, 1, 1}), Layers: 3}
	made := func(u layers.Unrolled, err error) layers.Unrolled { require.NoError(t, err); return u }
	for _, u := range []layers.Unrolled{
		made(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c, Untied: true, UntiedB: true})),
		made(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: c, Untied: true})),
		made(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: c})),
		made(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: c})),
		made(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: c})),
		made(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: c, Untied: true, Overshoot: true})),
		made(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: c, Untied: true})),
		made(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: c, Untied: true})),
		made(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: c, Untied: true})),
	} {
		layered := regexp.MustCompile(`^net\.layer(\d)\.\w+$`)
		seen := map[string]bool{}
		for at := range u.Depth() {
			some := false
			for _, p := range u.Stage(at + 1) {
				require.False(t, seen[p.Name], "%T: %s", u, p.Name)
				seen[p.Name] = true
				if m := layered.FindStringSubmatch(p.Name); m != nil {
					require.Equal(t, strconv.Itoa(at+1), m[1], "%T: %s of stage %d", u, p.Name, at+1)
					some = true
				} else {
					require.Regexp(t, `^net\.\w+$`, p.Name, "%T", u)
				}
			}
			require.True(t, some, "%T: stage %d has a parameter of its own", u, at+1)
		}
		require.Len(t, seen, len(u.Params()), "%T", u)
	}
}
