package conformance

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/norm"
)

// An operation builds an op of the graph on the bench. It may use build.Must.
type operation func(b *bench) *gorgonia.Node

// opOf returns the check of an op: out, and the gradients of Σ out∘G.
func opOf(do operation) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		b := newBench(r, dt)
		return b.op(do(b))
	}
}

// unary returns the check of an op of x.
func unary(op func(x *gorgonia.Node) (*gorgonia.Node, error)) check {
	return opOf(func(b *bench) *gorgonia.Node { return build.Must(op(build.Must(b.in("x", "input")))) })
}

// one returns the operation of an op of x alone, along the axis of the case: the
// last one, unless it says another by dim or axis.
func one(op func(x *gorgonia.Node) (*gorgonia.Node, error)) operation {
	return func(b *bench) *gorgonia.Node {
		x := build.Must(b.in("x", "input"))
		return along(x, b.axis(x, -1), op)
	}
}

// along applies an op of the last axis to another axis of x.
func along(x *gorgonia.Node, axis int, op func(x *gorgonia.Node) (*gorgonia.Node, error)) *gorgonia.Node {
	last := x.Dims() - 1
	if axis == last {
		return build.Must(op(x))
	}
	perm := make([]int, x.Dims())
	for i := range perm {
		perm[i] = i
	}
	perm[axis], perm[last] = last, axis // its own inverse
	turned := build.Must(gorgonia.Transpose(x, perm...))
	return build.Must(gorgonia.Transpose(build.Must(op(turned)), perm...))
}

// byRows applies an op of the rows of a matrix to x of any rank: its last axes,
// as many as given, are a row.
func byRows(x *gorgonia.Node, axes int, op func(x *gorgonia.Node) (*gorgonia.Node, error)) *gorgonia.Node {
	shape := x.Shape().Clone()
	d := 1
	for _, side := range shape[len(shape)-axes:] {
		d *= side
	}
	out := build.Must(op(build.Must(nn.Reshape(x, shape.TotalSize()/d, d))))
	if rows := shape[:len(shape)-axes]; out.Shape()[1] != d {
		return build.Must(nn.Reshape(out, append(rows.Clone(), out.Shape()[1])...))
	}
	return build.Must(nn.Reshape(out, shape...))
}

func normalize(b *bench) *gorgonia.Node {
	x := build.Must(b.in("x", "input"))
	return along(x, b.axis(x, -1), func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return byRows(x, 1, nn.Normalize), nil
	})
}

func layerNorm(b *bench) *gorgonia.Node {
	eps := b.number(1e-5, "eps")
	x := build.Must(b.in("x", "input"))
	shape := x.Shape()[x.Dims()-1:]
	normalized := b.list("normalized_shape")
	if normalized != nil {
		shape = x.Shape()[x.Dims()-len(normalized):]
	}
	if t, ok := b.r.find("gamma", "weight"); ok {
		shape = t.Shape
	}
	d := tensor.Shape(shape).TotalSize()
	gamma := b.inOr("gamma", 1, d, "gamma", "weight")
	beta := b.inOr("beta", 0, d, "beta", "bias")
	return byRows(x, len(shape), func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return norm.LayerNorm(x, gamma, beta, eps)
	})
}

// softThreshold takes θ from a tensor that broadcasts along one axis of x, or is
// one number, or from a parameter.
func softThreshold(b *bench) *gorgonia.Node {
	x := build.Must(b.in("x", "input"))
	t, ok := b.r.find("theta")
	if !ok {
		value := b.number(0.5, "lambd", "lambda", "theta")
		return build.Must(nn.SoftThreshold(x, build.Must(b.fixed("theta", []float64{value}, 1))))
	}
	theta := build.Must(nn.Reshape(build.Must(b.in("theta")), len(t.Data)))
	axis := x.Dims() - 1
	for i, side := range t.Shape {
		if side > 1 {
			axis = x.Dims() - len(t.Shape) + i
		}
	}
	return along(x, axis, func(x *gorgonia.Node) (*gorgonia.Node, error) { return nn.SoftThreshold(x, theta) })
}

func linear(b *bench) *gorgonia.Node {
	x, w := build.Must(b.in("x", "input")), build.Must(b.in("w", "weight", "W"))
	var bias *gorgonia.Node
	if _, ok := b.r.find("b", "bias"); ok {
		bias = build.Must(b.in("b", "bias"))
	}
	return byRows(x, 1, func(x *gorgonia.Node) (*gorgonia.Node, error) { return nn.Linear(x, w, bias) })
}

func matMul(b *bench) *gorgonia.Node {
	transA := b.flag("trans_a")
	transB := b.flag("trans_b")
	return build.Must(nn.MatMul(build.Must(b.in("a", "x")), build.Must(b.in("b", "y")), transA, transB))
}

// pair returns the operation of two tensors alike.
func pair(op func(x, y *gorgonia.Node) (*gorgonia.Node, error)) operation {
	return func(b *bench) *gorgonia.Node {
		return build.Must(op(build.Must(b.in("x", "a")), build.Must(b.in("y", "b"))))
	}
}

// reduce returns the operation that sums all of x, or along the axis of the case.
func reduce(over func(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error)) operation {
	return func(b *bench) *gorgonia.Node {
		x := build.Must(b.in("x", "input"))
		if axis := b.axis(x, x.Dims()); axis < x.Dims() {
			return build.Must(over(x, axis))
		}
		return build.Must(over(x))
	}
}

// squaredError follows the reduction of the case: mean, unless it says sum or none.
func squaredError(b *bench) *gorgonia.Node {
	x, y := build.Must(b.in("x", "input")), build.Must(b.in("y", "target"))
	switch b.reduction() {
	case "sum":
		return build.Must(nn.SquaredDistance(x, y))
	case "none":
		d := build.Must(nn.Sub(x, y))
		return build.Must(nn.Mul(d, d))
	}
	return build.Must(nn.SquaredError(x, y))
}
