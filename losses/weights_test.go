package losses_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// weighing is a loss with the weights of samples as a constant, to be measured as others are.
type weighing struct {
	of      losses.Weigher
	weights []float64
}

func (l weighing) Loss(g *nn.Graph, out, target *gorgonia.Node) (*gorgonia.Node, error) {
	v := tensor.New(tensor.WithShape(len(l.weights)), tensor.Of(out.Dtype()))
	if err := nn.SetFloats(v, l.weights); err != nil {
		return nil, err
	}
	w, err := g.Input("w", v)
	if err != nil {
		return nil, err
	}
	return losses.Weighed(l.of, g, out, target, w)
}

// The logits, labels and weights of torch.nn.functional.cross_entropy(x, y, weight=w, label_smoothing=s) of
// PyTorch 2.13 in float64.
var (
	torchLogits  = mat.NewDense(4, 3, []float64{1, -2, 0.5, 0.3, 0.2, -1, 2, 2, -3, -0.5, 1.5, 0.25})
	torchLabels  = mat.NewDense(1, 4, []float64{2, 0, 1, 1})
	torchWeights = []float64{1, 2.5, 0.5}
)

func TestClassWeightsArePyTorchs(t *testing.T) {
	for _, c := range []struct {
		smoothing, loss float64
		grad            []float64
	}{
		{0, 0.600241800657142, []float64{0.046442222780663525, 0.0023122221207364634, -0.04875444490139998,
			-0.08318925603388391, 0.06393300498288497, 0.01925625105099893, 0.1916619881487495, -0.19295339646663515,
			0.0012914083178856208, 0.036608921595836535, -0.11411000922239466, 0.07750108762655805}},
		{0.1, 0.6586776538645611, []float64{0.04905438811590233, -0.010122920346320279, -0.038931467769582034,
			-0.070577615850398, 0.05324359232846832, 0.017334023521929667, 0.17758955690693604, -0.1762565969392178,
			-0.0013329599677182726, 0.029772300126492367, -0.10109256776637522, 0.07132026763988278}},
	} {
		for dt, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-15, tensor.Float32: 1e-6} {
			l := losses.CrossEntropy{LabelSmoothing: c.smoothing, ClassWeights: torchWeights}
			m, err := measure(l, dt, torchLogits, torchLabels)
			require.NoError(t, err)
			require.InDelta(t, c.loss, m.loss, tol)
			require.InDeltaSlice(t, c.grad, m.grad.RawMatrix().Data, tol)
			require.Equal(t, m.loss, m.probes["cross_entropy"])

			shares := mat.NewDense(4, 3, nil) // of one class each: as labels
			for i, y := range torchLabels.RawRowView(0) {
				shares.Set(i, int(y), 1)
			}
			of, err := measure(l, dt, torchLogits, shares)
			require.NoError(t, err)
			require.InDelta(t, c.loss, of.loss, tol)
			require.InDeltaSlice(t, c.grad, of.grad.RawMatrix().Data, tol)
		}
	}
}

// TestAWeightOfTwoIsASampleTwice compares weights that are whole numbers with samples that are there so often, and
// equal weights with none.
func TestAWeightOfTwoIsASampleTwice(t *testing.T) {
	counts := []float64{2, 0, 1, 3}
	repeated := func(x *mat.Dense) *mat.Dense {
		var rows []float64
		_, d := x.Dims()
		for i, n := range counts {
			for range int(n) {
				rows = append(rows, x.RawRowView(i)...)
			}
		}
		return mat.NewDense(6, d, rows)
	}
	codes := mat.NewDense(4, 3, []float64{0.1, 0.9, 0, 0.2, 0.3, 0.5, 0, 0, 1, 0.6, 0.2, 0.2})
	for name, c := range map[string]struct {
		of     losses.Weigher
		target *mat.Dense
	}{
		"labels":         {losses.CrossEntropy{LabelSmoothing: 0.1}, torchLabels},
		"classes too":    {losses.CrossEntropy{ClassWeights: torchWeights}, torchLabels},
		"shares":         {losses.CrossEntropy{LabelSmoothing: 0.2}, codes},
		"shares classes": {losses.CrossEntropy{LabelSmoothing: 0.2, ClassWeights: torchWeights}, codes},
		"MSE":            {losses.MSE{}, codes},
		"codes":          {losses.CodeError{}, codes},
		"sum": {losses.Sum{{Weight: 1, Loss: losses.MSE{}}, {Weight: 0.3, Loss: losses.CodeError{}}},
			codes},
	} {
		for dt, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-14, tensor.Float32: 3e-6} {
			target := c.target
			if r, _ := target.Dims(); r == 1 {
				target = mat.DenseCopyOf(repeated(mat.DenseCopyOf(target.T())).T())
			} else {
				target = repeated(target)
			}
			want, err := measure(c.of, dt, repeated(torchLogits), target)
			require.NoError(t, err, name)
			got, err := measure(weighing{c.of, counts}, dt, torchLogits, c.target)
			require.NoError(t, err, name)
			require.InDelta(t, want.loss, got.loss, tol, name)
			row := 0
			for i, n := range counts {
				sum := make([]float64, 3)
				for range int(n) {
					for j, v := range want.grad.RawRowView(row) {
						sum[j] += v
					}
					row++
				}
				require.InDeltaSlice(t, sum, got.grad.RawRowView(i), tol, "%s, sample %d", name, i)
			}
			plain, err := measure(c.of, dt, torchLogits, c.target)
			require.NoError(t, err)
			equal, err := measure(weighing{c.of, []float64{7, 7, 7, 7}}, dt, torchLogits, c.target)
			require.NoError(t, err)
			require.InDelta(t, plain.loss, equal.loss, tol, name)
			require.InDeltaSlice(t, plain.grad.RawMatrix().Data, equal.grad.RawMatrix().Data, tol, name)
		}
	}
}

func TestWeightsThatALossCannotTake(t *testing.T) {
	require.NoError(t, losses.CheckWeigher(losses.Sum{{Weight: 1, Loss: losses.CrossEntropy{}}}))
	for want, l := range map[string]losses.Loss{
		"the loss losses.MCR2 cannot take weights of samples": losses.MCR2{Classes: 2},
		"the loss losses.LASSO cannot":                        losses.LASSO{},
		"the loss losses.NMSE cannot":                         losses.NMSE{},
		"the loss <nil> cannot":                               nil,
		"term 1 of a losses.Sum: the loss losses.MCR2 cannot": losses.Sum{{Weight: 1, Loss: losses.MSE{}},
			{Weight: 1, Loss: losses.MCR2{}}},
		"the loss losses.DeepSupervision cannot": losses.Compared{Of: losses.DeepSupervision{}},
	} {
		require.ErrorContains(t, losses.CheckWeigher(l), want)
		_, err := losses.Weighed(l, nn.NewGraph(nn.Train), nil, nil, nil)
		require.ErrorContains(t, err, want)
	}
	for want, w := range map[string][]float64{
		"2 ClassWeights for 3 classes":    {1, 2},
		"the weight of class 1 is -1":     {1, -1, 2},
		"the weight of class 2 is NaN":    {1, 1, math.NaN()},
		"the weight of class 0 is +Inf":   {math.Inf(1), 1, 1},
		"no weight of a class is above 0": {0, 0, 0},
		"0 ClassWeights for 3 classes":    {},
	} {
		_, err := measure(losses.CrossEntropy{ClassWeights: w}, tensor.Float64, torchLogits, torchLabels)
		require.ErrorContains(t, err, "losses: CrossEntropy: "+want)
	}
	_, err := measure(weighing{losses.CrossEntropy{}, []float64{1}}, tensor.Float32, mat.NewDense(1, 5000, nil),
		mat.NewDense(1, 1, nil))
	require.NoError(t, err, "one sample of shares")
	_, err = measure(weighing{losses.CrossEntropy{}, []float64{1, 1}}, tensor.Float32, mat.NewDense(2, 5000, nil),
		mat.NewDense(1, 2, nil))
	require.ErrorContains(t, err, "weights with labels of 5000 classes, want at most 4096")
	_, err = measure(losses.CrossEntropy{ClassWeights: torchWeights, LabelSmoothing: 1}, tensor.Float64, torchLogits,
		torchLabels)
	require.ErrorContains(t, err, "LabelSmoothing is 1")
}
