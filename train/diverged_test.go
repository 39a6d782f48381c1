package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// The error of a step that diverged names what first was not finite, also where an op
// refuses it, in chunks, and on a device, where the next batch is already on its way.
func TestDivergenceNamesWhereItBegan(t *testing.T) { Everywhere(t, testDivergenceNamesWhereItBegan) }

func testDivergenceNamesWhereItBegan(t *testing.T, o nn.Options) {
	for _, chunk := range []int{0, 8} {
		for name, loss := range map[string]losses.Loss{"cross-entropy": losses.CrossEntropy{}, "MCR²": nil} {
			l := recipe{options: o, steps: 4, loss: loss, chunk: chunk, plain: true}.loop(t)
			l.Steps = 2
			require.NoError(t, l.Run(t.Context()))
			w := l.Model.Params()[0].Value.Float32s()
			for i := range w { // finite: what they are multiplied by makes them infinite
				w[i] = float32(math.Copysign(3e38, float64(w[i])))
			}
			l.Steps = 4
			err := l.Run(t.Context())
			require.ErrorIs(t, err, ErrDiverged, name)
			require.ErrorIs(t, err, nn.ErrNotFinite, name)
			require.ErrorContains(t, err, `linear.Affine of layer "`)
			require.ErrorContains(t, err, "from finite inputs")
			require.ErrorContains(t, err, "a smaller learning rate?")
			var where *nn.NotFinite
			require.ErrorAs(t, err, &where)
			require.False(t, where.Gradient)
		}
	}
}

// badData has a feature in its third batch that is not finite.
type badData struct {
	data.Source
	taken int
}

func (b *badData) Next(x, y *tensor.Dense) error {
	err := b.Source.Next(x, y)
	if err == nil {
		b.taken++
	}
	if b.taken == 3 {
		x.Float32s()[7] = float32(math.Inf(1))
	}
	return err
}

func TestDivergenceByTheDataSaysSo(t *testing.T) { Everywhere(t, testDivergenceByTheDataSaysSo) }

func testDivergenceByTheDataSaysSo(t *testing.T, o nn.Options) {
	l := recipe{options: o, steps: 4, loss: losses.CrossEntropy{}}.loop(t)
	l.Source = &badData{Source: l.Source}
	err := l.Run(t.Context())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err, `the data are not finite: input "x" is +Inf, at element 7 of [24 5]`)
	require.NotContains(t, err.Error(), "learning rate")
	require.Equal(t, 2, l.Step())
}

// A step that is much too long shows in the evaluation after it, which names the layer.
func TestDivergenceInAnEvaluation(t *testing.T) { Everywhere(t, testDivergenceInAnEvaluation) }

func testDivergenceInAnEvaluation(t *testing.T, o nn.Options) {
	for name, loss := range map[string]losses.Loss{"cross-entropy": losses.CrossEntropy{}, "MCR²": nil} {
		l := recipe{options: o, steps: 3, loss: loss, lr: 1e38, plain: true, loud: true, adam: true}.loop(t)
		l.EvaluateEvery = 1
		err := l.Run(t.Context())
		require.ErrorIs(t, err, ErrDiverged, name)
		require.ErrorIs(t, err, nn.ErrNotFinite, name)
		require.ErrorContains(t, err, "the network diverged with step 1", name)
		require.ErrorContains(t, err, "mlp.linear", name)
		require.ErrorContains(t, err, "a smaller learning rate?")
	}
}
