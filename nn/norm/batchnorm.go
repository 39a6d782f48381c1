// Package norm has the operations that standardize features: batch norm and its running
// statistics, layer norm. Package layers pairs them with parameters.
package norm

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/batchnorm"
	"github.com/whitebox-nn/whitebox/op"
)

// An Epilogue says what follows a batch norm in the same pass over memory: first Add, which has the shape of the
// output, is added; then, with ReLU, numbers below 0 become 0. The zero value adds nothing.
type Epilogue struct {
	Add  *gorgonia.Node
	ReLU bool
}

// BatchNorm standardizes channels over the samples of a batch, and their pixels,
// then scales and shifts them:
//
//	y = γ · (x − μ)/√(σ² + ε) + β
//
// with the mean μ and the biased variance σ² of each channel, which are also in
// stats, as RunningMean and RunningVariance take them.
//
// Shapes: x n×c or n×c×h×w; gamma, beta c; y as x; stats 2×c in float64.
// Differentiable in x, gamma, beta and after.Add. Errors: ε < 0, one number a
// channel, lengths other than c (op.ErrInput). See package batchnorm.
func BatchNorm(x, gamma, beta *gorgonia.Node, eps float64, after Epilogue) (y, stats *gorgonia.Node, err error) {
	if r := build.Rank(x); r != 2 && r != 4 {
		return nil, nil, errors.Wrap(op.ErrInput, "norm: batch norm: want x n×c or n×c×h×w")
	}
	if stats, err = op.Apply(batchnorm.Stats{Eps: eps}, x); err != nil {
		return nil, nil, err
	}
	y, err = after.norm(true, x, stats, gamma, beta)
	return y, stats, err
}

// FrozenBatchNorm is [BatchNorm] with a given mean and variance: the running statistics of the training. Shapes:
// mean, variance c; else as BatchNorm. Differentiable in x, gamma, beta and after.Add. Errors: as BatchNorm.
func FrozenBatchNorm(
	x, gamma, beta, mean, variance *gorgonia.Node, eps float64, after Epilogue,
) (*gorgonia.Node, error) {
	if r := build.Rank(x); r != 2 && r != 4 {
		return nil, errors.Wrap(op.ErrInput, "norm: batch norm: want x n×c or n×c×h×w")
	}
	stats, err := op.Apply(batchnorm.Fixed{Eps: eps}, mean, variance)
	if err != nil {
		return nil, err
	}
	return after.norm(false, x, stats, gamma, beta)
}

func (e Epilogue) norm(train bool, x, stats, gamma, beta *gorgonia.Node) (*gorgonia.Node, error) {
	k := batchnorm.Norm{Train: train, Add: e.Add != nil, ReLU: e.ReLU}
	in := gorgonia.Nodes{x, stats, gamma, beta}
	if e.Add != nil {
		in = append(in, e.Add)
	}
	return op.Apply(k, in...)
}

// RunningMean returns (1 − t)·running + t·μ, the running mean after a batch with these stats, which [BatchNorm]
// returned. Shapes: running, out c. Not differentiable: see Graph.Update. Errors: t outside of [0, 1] (op.ErrInput).
func RunningMean(running, stats *gorgonia.Node, t float64) (*gorgonia.Node, error) {
	return op.Apply(batchnorm.Running{Momentum: t}, running, stats)
}

// RunningVariance returns (1 − t)·running + t·σ²·m/(m−1), with the unbiased variance
// of a batch of x, as PyTorch does, whose stats BatchNorm returned for ε. Shapes,
// errors: as RunningMean.
func RunningVariance(running, stats, x *gorgonia.Node, eps, t float64) (*gorgonia.Node, error) {
	if build.Rank(x) < 2 {
		return nil, errors.Wrap(op.ErrInput, "norm: running variance: want x n×c or n×c×h×w")
	}
	count := x.Shape().TotalSize() / x.Shape()[1]
	return op.Apply(batchnorm.Running{Of: batchnorm.Stats{Eps: eps}, Variance: true, Momentum: t,
		Count: count}, running, stats)
}
