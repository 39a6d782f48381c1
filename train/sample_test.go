package train

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// A label that the loss cannot take is said by the number of its sample in the data
// set, not by its row in a shuffled batch: of any step, on the host, on a device, in
// chunks, behind a Prefetch, in both dtypes.
func TestLabelErrorsNameTheSample(t *testing.T) { Everywhere(t, testLabelErrorsNameTheSample) }

func testLabelErrorsNameTheSample(t *testing.T, o nn.Options) {
	set := gaussians(t, 1)
	labels := set.Labels()
	for i := range labels {
		labels[i] = 0
	}
	labels[41] = 2
	one, err := set.WithLabels(labels)
	require.NoError(t, err)
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, r := range []recipe{
			{loss: losses.MCR2{Classes: 2}}, {loss: losses.MCR2{Classes: 2}, chunk: 6},
		} {
			for _, ahead := range []bool{false, true} {
				r.options, r.dt, r.steps = o, dt, 12
				l := r.loop(t)
				batches(t, l, one, data.BatchConfig{Size: batch, Shuffle: true, Seed: 7})
				at := l.Source.(*data.Batches)
				if ahead {
					p, err := data.NewPrefetch(l.Source, dt, 2)
					require.NoError(t, err)
					defer p.Close()
					l.Source = p
				}
				err := l.Run(t.Context())
				require.ErrorIs(t, err, nn.ErrInput)
				require.ErrorContains(t, err,
					"the label of sample 41 of the data set is 2, want an integer from 0 to 1")
				found := false
				for row := range batch {
					found = found || at.SampleAt(l.Source.Position(), row) == 41
				}
				require.True(t, found)
			}
		}
	}
}

func TestDataBeyondFloat32AreAnErrorOfTheData(t *testing.T) {
	Everywhere(t, testDataBeyondFloat32AreAnErrorOfTheData)
}

func testDataBeyondFloat32AreAnErrorOfTheData(t *testing.T, o nn.Options) {
	x := make([]float64, 24*5)
	for i := range x {
		x[i] = float64(i%7) - 3
	}
	x[17*5+3] = -1e39
	set, err := data.New(x, 1, []int{5}, make([]int, 24), classes)
	require.NoError(t, err)
	for _, loss := range []losses.Loss{losses.CrossEntropy{}, losses.MCR2{Classes: classes}} {
		l := recipe{options: o, steps: 3, loss: loss}.loop(t)
		batches(t, l, set, data.BatchConfig{Size: 24, Shuffle: true})
		err = l.Run(t.Context())
		require.ErrorIs(t, err, data.ErrInput)
		require.ErrorContains(t, err, "sample 17 holds -1e+39 at element 3, and float32 ends at 3.4e+38")
		require.NotErrorIs(t, err, ErrDiverged)
		require.NotContains(t, fmt.Sprint(err), "learning rate")
	}
}
