package conformance

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// unary returns the check of an op of one input, x.
func unary(op func(x *gorgonia.Node) (*gorgonia.Node, error)) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		b := newBench(r, dt)
		x, err := b.in("x")
		if err != nil {
			return nil, err
		}
		out, err := op(x)
		if err != nil {
			return nil, err
		}
		return b.op(out)
	}
}

func normalize(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	return unary(nn.Normalize)(r, dt)
}
func softmax(r *Reference, dt tensor.Dtype) ([]comparison, error) { return unary(nn.Softmax)(r, dt) }
func relu(r *Reference, dt tensor.Dtype) ([]comparison, error)    { return unary(nn.ReLU)(r, dt) }

// nary returns the check of an op of several inputs.
func nary(op func(in ...*gorgonia.Node) (*gorgonia.Node, error), names ...string) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		b := newBench(r, dt)
		var in gorgonia.Nodes
		for _, name := range names {
			n, err := b.in(name)
			if err != nil {
				return nil, err
			}
			in = append(in, n)
		}
		out, err := op(in...)
		if err != nil {
			return nil, err
		}
		return b.op(out)
	}
}

func layerNorm(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	eps, err := r.Params.Float("eps", 1e-5)
	if err != nil {
		return nil, err
	}
	return nary(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return nn.LayerNorm(in[0], in[1], in[2], eps)
	}, "x", "gamma", "beta")(r, dt)
}

func softThreshold(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	return nary(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return nn.SoftThreshold(in[0], in[1])
	}, "x", "theta")(r, dt)
}

func linear(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	if _, ok := r.Tensors["b"]; !ok {
		return nary(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return nn.Linear(in[0], in[1], nil)
		}, "x", "w")(r, dt)
	}
	return nary(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return nn.Linear(in[0], in[1], in[2])
	}, "x", "w", "b")(r, dt)
}

func squaredError(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	return nary(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return nn.SquaredError(in[0], in[1])
	}, "x", "y")(r, dt)
}

func crossEntropy(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	smoothing, err := r.Params.Float("smoothing", 0)
	if err != nil {
		return nil, err
	}
	labels, err := r.Params.Floats("labels")
	if err != nil {
		return nil, err
	}
	b := newBench(r, dt)
	x, err := b.in("x")
	if err != nil {
		return nil, err
	}
	y, err := b.fixed("labels", labels, len(labels))
	if err != nil {
		return nil, err
	}
	out, err := nn.CrossEntropy(x, y, smoothing)
	if err != nil {
		return nil, err
	}
	return b.op(out)
}
