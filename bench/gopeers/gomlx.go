package main

import (
	"github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph" //nolint:revive // as its documents do
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// executed returns the run of a function of two tensors.
func executed(f func(a, b *Node) *Node, a, b *tensors.Tensor) (func() error, error) {
	backend, err := simplego.New("")
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, f)
	if err != nil {
		return nil, err
	}
	return func() error {
		out, err := exec.Exec1(a, b)
		if err != nil {
			return err
		}
		return out.FinalizeAll()
	}, nil
}

func gomlxProduct(n int) (func() error, error) {
	a := tensors.FromFlatDataAndDimensions(normal(n*n, 1), n, n)
	b := tensors.FromFlatDataAndDimensions(normal(n*n, 1), n, n)
	return executed(func(a, b *Node) *Node { return Dot(a, b) }, a, b)
}

// gomlxConvolution is in its default layout, channels last.
func gomlxConvolution(batch, channels, side int) (func() error, error) {
	return executed(func(x, w *Node) *Node { return Convolve(x, w).PadSame().Strides(1).Done() },
		tensors.FromFlatDataAndDimensions(normal(batch*side*side*channels, 1), batch, side, side, channels),
		tensors.FromFlatDataAndDimensions(normal(9*channels*channels, 0.05), 3, 3, channels, channels))
}

// gomlxStep is a step of training on a perceptron 784-512-128 and cross-entropy; the
// labels are the first ten classes.
func gomlxStep(batch int) (func() error, error) {
	backend, err := simplego.New("")
	if err != nil {
		return nil, err
	}
	model := func(ctx *context.Context, _ any, inputs []*Node) []*Node {
		x := activations.Relu(layers.DenseWithBias(ctx.In("hidden"), inputs[0], 512))
		return []*Node{layers.DenseWithBias(ctx.In("readout"), x, 128)}
	}
	ctx := context.New()
	ctx.SetParam(optimizers.ParamLearningRate, 1e-4)
	trainer := train.NewTrainer(backend, ctx, model, losses.SparseCategoricalCrossEntropyLogits,
		optimizers.StochasticGradientDescent().WithDecay(false).Done(), nil, nil)
	labels := make([]int32, batch)
	for i := range labels {
		labels[i] = int32(i % 10)
	}
	x := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(normal(batch*784, 1), batch, 784)}
	y := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, batch, 1)}
	return func() error {
		metrics, err := trainer.TrainStep(nil, x, y)
		for _, m := range metrics {
			if err == nil {
				err = m.FinalizeAll()
			}
		}
		return err
	}, nil
}
