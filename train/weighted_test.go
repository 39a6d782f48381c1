package train

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// trained returns the weights of a linear model after some steps on whole batches of a set.
func trained(t *testing.T, set *data.Set, loss losses.Loss, dt tensor.Dtype, o nn.Options, chunk int) [][]float64 {
	t.Helper()
	source, err := data.NewBatches(set, data.BatchConfig{Size: set.Len()})
	require.NoError(t, err)
	out := set.Classes()
	if out == 0 {
		out = set.TargetShape()[0]
	}
	m, err := layers.NewLinear(layers.LinearConfig{Name: "l", In: set.Shape()[0], Out: out, Dtype: dt})
	require.NoError(t, err)
	opt, err := optim.NewSGD(m.Params(), optim.Constant(0.01), optim.SGD{Momentum: 0.5})
	require.NoError(t, err)
	l := &Loop{Model: m, Loss: loss, Optimizer: opt, Source: source, Steps: 5, Options: o, Chunk: chunk}
	require.NoError(t, l.Run(t.Context()))
	w := weights(t, l)
	require.NoError(t, l.Close())
	return w
}

// TestTrainingWithWeightsIsTrainingOnCopies compares sets with weights of 0, 1, 2 and sets with so many copies, in
// all losses that take weights.
func TestTrainingWithWeightsIsTrainingOnCopies(t *testing.T) { Everywhere(t, testTrainingWithWeights) }

func testTrainingWithWeights(t *testing.T, o nn.Options) {
	classes := gaussians(t, 1)
	var x, y []float64
	for i := range classes.Len() {
		row, err := classes.Row(nil, i)
		require.NoError(t, err)
		x, y = append(x, row[:3]...), append(y, row[3:]...)
	}
	pairs, err := data.NewPairs(x, []int{3}, y, 2)
	require.NoError(t, err)
	for dt, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-12, tensor.Float32: 1e-5} {
		for name, c := range map[string]struct {
			set  *data.Set
			loss losses.Loss
		}{
			"cross-entropy": {classes, losses.CrossEntropy{LabelSmoothing: 0.1}},
			"class weights": {classes, losses.CrossEntropy{ClassWeights: []float64{1, 2, 0.5}}},
			"MSE":           {pairs, losses.MSE{}},
			"codes":         {pairs, losses.CodeError{}},
			"sum":           {pairs, losses.Sum{{Weight: 2, Loss: losses.MSE{}}}},
		} {
			w, copies := make([]float64, c.set.Len()), []int(nil)
			for i := range w {
				w[i] = float64(i % 3)
				for range i % 3 {
					copies = append(copies, i)
				}
			}
			weighed, err := c.set.WithWeights(w)
			require.NoError(t, err)
			many, err := c.set.Subset(copies)
			require.NoError(t, err)
			want := trained(t, many, c.loss, dt, o, 0)
			for _, chunk := range []int{0, 20} {
				for i, v := range trained(t, weighed, c.loss, dt, o, chunk) {
					require.InDeltaSlice(t, want[i], v, tol, "%s, chunk %d", name, chunk)
				}
			}
		}
	}
}

func TestWeightsThatNoLossTakes(t *testing.T) {
	set := gaussians(t, 1)
	w := make([]float64, set.Len())
	w[0] = 1
	weighed, err := set.WithWeights(w)
	require.NoError(t, err)
	l := recipe{steps: 3}.loop(t)
	l.Source, err = data.NewBatches(weighed, data.BatchConfig{Size: 20})
	require.NoError(t, err)
	require.ErrorContains(t, l.Run(t.Context()), "train: the samples have weights: the loss losses.MCR2 cannot take")

	l = recipe{steps: 3, loss: losses.CrossEntropy{}}.loop(t)
	l.Source, err = data.NewBatches(weighed, data.BatchConfig{Size: 20})
	require.NoError(t, err)
	require.ErrorContains(t, l.Run(t.Context()), "after step 1: next batch: the weights of the 20 samples of the "+
		"batch are all 0")
	require.Equal(t, 1, l.Step())
}
