package layers_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/layers"
)

// TestZeroIsTheChoiceThatIsDocumented reads the settings of layers that were made with
// none.
func TestZeroIsTheChoiceThatIsDocumented(t *testing.T) {
	norm := must(layers.NewBatchNorm(layers.BatchNormConfig{Name: "n", Channels: 3})).Config()
	require.Equal(t, 1e-5, norm.Eps)
	require.Equal(t, 0.1, norm.Momentum)
	require.Equal(t, 1e-5, must(layers.NewLayerNorm(layers.LayerNormConfig{Name: "n", Dim: 3})).Config().Eps)
	rate := must(layers.NewReduNet(layers.ReduNetConfig{Name: "n", Dim: 3, Classes: 2})).Config()
	require.Equal(t, 0.5, rate.Eta)
	require.EqualValues(t, 500, rate.Lambda)

	a := dictionary()
	bare := layers.UnrollConfig{Name: "net", A: a}
	var svd mat.SVD
	require.True(t, svd.Factorize(a, mat.SVDNone))
	norm2 := svd.Values(nil)[0] * svd.Values(nil)[0]
	for name, cfg := range map[string]layers.UnrollConfig{
		"LISTA":     must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: bare})).Config().UnrollConfig,
		"LISTACP":   must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: bare})).Config().UnrollConfig,
		"GLISTA":    must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: bare})).Config().UnrollConfig,
		"LFISTA":    must(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: bare})).Config().UnrollConfig,
		"LIHT":      must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: bare})).Config().UnrollConfig,
		"TiLISTA":   must(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: bare})).Config().UnrollConfig,
		"ALISTA":    must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: bare, W: a})).Config().UnrollConfig,
		"StepLISTA": must(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: bare})).Config().UnrollConfig,
	} {
		require.Equal(t, 16, cfg.Layers, name)
		require.Equal(t, 0.4, cfg.Lambda, name)
		require.InEpsilon(t, 1.001*norm2, cfg.Scale, 1e-12, name)
		require.Equal(t, "net", cfg.Name, name)
	}
	amp := must(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: bare})).Config()
	require.Equal(t, 1.1402, amp.Alpha)
	require.EqualValues(t, 1, amp.Scale)
	require.Equal(t, 0.1, must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: bare})).Config().Eps)
}

// TestConfigIsWhatALayerWasMadeOf, field by field, and zero of a layer that nobody made.
func TestConfigIsWhatALayerWasMadeOf(t *testing.T) {
	c := layers.UnrollConfig{Name: "net", A: dictionary(), Layers: 3, Lambda: 0.2, Scale: 9}
	sel := layers.Selection{P: 2, Max: 7}
	w := dictionary()
	for _, l := range []struct{ want, got, none any }{
		{layers.LISTAConfig{UnrollConfig: c, Untied: true}, must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: c,
			Untied: true})).Config(), (*layers.LISTA)(nil).Config()},
		{layers.LISTACPConfig{UnrollConfig: c, Untied: true, Select: sel}, must(layers.NewLISTACP(
			layers.LISTACPConfig{UnrollConfig: c, Untied: true, Select: sel})).Config(),
			(*layers.LISTACP)(nil).Config()},
		{layers.GLISTAConfig{UnrollConfig: c, Overshoot: true, Eps: 0.3}, must(layers.NewGLISTA(layers.GLISTAConfig{
			UnrollConfig: c, Overshoot: true, Eps: 0.3})).Config(), (*layers.GLISTA)(nil).Config()},
		{layers.LAMPConfig{UnrollConfig: c, Alpha: 1.5, Untied: true}, must(layers.NewLAMP(layers.LAMPConfig{
			UnrollConfig: c, Alpha: 1.5, Untied: true})).Config(), (*layers.LAMP)(nil).Config()},
		{layers.LIHTConfig{UnrollConfig: c, Sparsity: 4}, must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: c,
			Sparsity: 4})).Config(), (*layers.LIHT)(nil).Config()},
		{layers.TiLISTAConfig{UnrollConfig: c, Select: sel}, must(layers.NewTiLISTA(layers.TiLISTAConfig{
			UnrollConfig: c, Select: sel})).Config(), (*layers.TiLISTA)(nil).Config()},
		{layers.ALISTAConfig{UnrollConfig: c, Select: sel, W: w}, must(layers.NewALISTA(layers.ALISTAConfig{
			UnrollConfig: c, Select: sel, W: w})).Config(), (*layers.ALISTA)(nil).Config()},
	} {
		require.Equal(t, l.want, l.got)
		require.Equal(t, reflect.Zero(reflect.TypeOf(l.want)).Interface(), l.none)
	}
}
