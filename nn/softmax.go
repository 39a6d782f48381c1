package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/crossentropy"
	"github.com/whitebox-nn/whitebox/internal/op/softmax"
	"github.com/whitebox-nn/whitebox/op"
)

// Softmax returns exp(xⱼ) / Σᵢ exp(xᵢ) over the last axis. Shapes: x of rank 1 or
// more, out as x. Differentiable; it never overflows.
func Softmax(x *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(ErrInput, "nn: softmax: want x of rank 1 or more")
	}
	return op.Apply(softmax.Softmax{}, x)
}

// LogSoftmax returns log softmax(x) over the last axis. Shapes: x of rank 1 or
// more, out as x. Differentiable; it never overflows.
func LogSoftmax(x *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(ErrInput, "nn: log-softmax: want x of rank 1 or more")
	}
	return op.Apply(crossentropy.LogSoftmax{}, x)
}

// CrossEntropy returns the mean cross-entropy of the softmax of logits,
//
//	−(1/n) Σᵢ Σⱼ qᵢⱼ log softmax(xᵢ)ⱼ        qᵢⱼ = (1 − s)·[yᵢ = j] + s/k
//
// with the label smoothing s. In nats.
//
// Shapes: logits n×k; labels n, integers from 0 to k−1 in the dtype of logits; out
// a scalar. Differentiable in logits. Errors: s outside [0, 1); at the run, a
// label out of range (ErrInput). It never overflows. See package crossentropy.
func CrossEntropy(logits, labels *gorgonia.Node, smoothing float64) (*gorgonia.Node, error) {
	logp, err := LogSoftmax(logits)
	if err != nil {
		return nil, err
	}
	return op.Apply(crossentropy.Mean{Smoothing: smoothing}, logits, logp, labels)
}

// SoftCrossEntropy is CrossEntropy for targets that are shared between classes, as
// after mixing samples or from a teacher:
//
//	−(1/n) Σᵢ Σⱼ qᵢⱼ log softmax(xᵢ)ⱼ        qᵢⱼ = (1 − s)·pᵢⱼ + s/k
//
// Shapes: logits n×k; p n×k, rows summing to 1; out a scalar. Differentiable in
// both. Errors: s outside [0, 1). See package crossentropy.
func SoftCrossEntropy(logits, p *gorgonia.Node, smoothing float64) (*gorgonia.Node, error) {
	logp, err := LogSoftmax(logits)
	if err != nil {
		return nil, err
	}
	return op.Apply(crossentropy.Soft{Smoothing: smoothing}, logits, logp, p)
}
