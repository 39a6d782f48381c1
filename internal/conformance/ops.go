package conformance

import (
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/norm"
)

// A function is an op of one node.
type function func(x *gorgonia.Node) (*gorgonia.Node, error)

func (b *bench) x() *gorgonia.Node { return b.in("x", "input") }

// axis returns the axis of x that the case names, counted from 0.
func (b *bench) axis(x *gorgonia.Node, def int) int {
	dim := b.whole(def, "dim", "axis")
	if dim < 0 {
		return dim + x.Dims()
	}
	return dim
}

// one returns the check of an op of x alone, along the axis of the case: the last one,
// unless it says another.
func one(op function) check {
	return func(b *bench) {
		x := b.x()
		b.op(along(x, b.axis(x, -1), op))
	}
}

// pair returns the check of an op of two tensors alike.
func pair(op func(x, y *gorgonia.Node) (*gorgonia.Node, error)) check {
	return func(b *bench) { b.op(must(op(b.in("x", "a"), b.in("y", "b")))) }
}

// along applies an op of the last axis to another axis of x.
func along(x *gorgonia.Node, axis int, op function) *gorgonia.Node {
	last := x.Dims() - 1
	if axis == last {
		return must(op(x))
	}
	perm := make([]int, x.Dims())
	for i := range perm {
		perm[i] = i
	}
	perm[axis], perm[last] = last, axis // its own inverse
	return must(gorgonia.Transpose(must(op(must(gorgonia.Transpose(x, perm...)))), perm...))
}

// byRows applies an op of the rows of a matrix to x of any rank: its last axes,
// as many as given, are a row.
func byRows(x *gorgonia.Node, axes int, op function) *gorgonia.Node {
	shape := x.Shape().Clone()
	rows, d := shape[:len(shape)-axes], shape[len(shape)-axes:].TotalSize()
	out := must(op(must(nn.Reshape(x, shape.TotalSize()/d, d))))
	if out.Shape()[1] != d {
		return must(nn.Reshape(out, append(rows.Clone(), out.Shape()[1])...))
	}
	return must(nn.Reshape(out, shape...))
}

func normalize(b *bench) {
	one(func(x *gorgonia.Node) (*gorgonia.Node, error) { return byRows(x, 1, nn.Normalize), nil })(b)
}

func layerNorm(b *bench) {
	x, eps, axes := b.x(), b.number(1e-5, "eps"), 1
	if normalized := b.list("normalized_shape"); normalized != nil {
		axes = len(normalized)
	}
	if b.has("gamma", "weight") != "" {
		axes = len(b.tensor("gamma", "weight").Shape)
	}
	d := x.Shape()[x.Dims()-axes:].TotalSize()
	gamma, beta := b.vector(1, d, "gamma", "weight"), b.vector(0, d, "beta", "bias")
	b.op(byRows(x, axes, func(x *gorgonia.Node) (*gorgonia.Node, error) { return norm.LayerNorm(x, gamma, beta, eps) }))
}

// softThreshold takes θ from a tensor that broadcasts along one axis of x, or is
// one number, or from a parameter.
func softThreshold(b *bench) {
	x := b.x()
	axis := x.Dims() - 1
	theta := b.fixed("lambda", []float64{b.number(0.5, "lambd", "lambda", "theta")}, 1)
	if b.has("theta") != "" {
		t := b.tensor("theta")
		theta = must(nn.Reshape(b.in("theta"), len(t.Data)))
		for i, side := range t.Shape {
			if side > 1 {
				axis = x.Dims() - len(t.Shape) + i
			}
		}
	}
	b.op(along(x, axis, func(x *gorgonia.Node) (*gorgonia.Node, error) { return nn.SoftThreshold(x, theta) }))
}

func linear(b *bench) {
	x, w, bias := b.x(), b.in("w", "weight", "W"), b.maybe("b", "bias")
	b.op(byRows(x, 1, func(x *gorgonia.Node) (*gorgonia.Node, error) { return nn.Linear(x, w, bias) }))
}

func matMul(b *bench) {
	b.op(must(nn.MatMul(b.in("a", "x"), b.in("b", "y"), b.flag(false, "trans_a"), b.flag(false, "trans_b"))))
}

// reduce returns the check of an op over all of x, or along the axis of the case.
func reduce(over func(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error)) check {
	return func(b *bench) {
		x, axes := b.x(), []int(nil)
		if b.set("dim") || b.set("axis") {
			axes = []int{b.axis(x, 0)}
		}
		b.op(must(over(x, axes...)))
	}
}

// reduction returns the reduction of the case: what it says, or what the shape of
// out and the name tell.
func (b *bench) reduction() string {
	def := "mean"
	switch {
	case len(b.Tensors["out"].Data) > 1 || strings.HasSuffix(b.Name, "_none"):
		def = "none"
	case strings.HasSuffix(b.Name, "_sum"):
		def = "sum"
	}
	return b.text(def, "reduction")
}

func squaredError(b *bench) {
	x, y := b.x(), b.in("y", "target")
	switch b.reduction() {
	case "sum":
		b.op(must(nn.SquaredDistance(x, y)))
	case "none":
		d := must(nn.Sub(x, y))
		b.op(must(nn.Mul(d, d)))
	default:
		b.op(must(nn.SquaredError(x, y)))
	}
}

// crossEntropy follows the settings of torch's: label smoothing; mean, sum or no
// reduction; labels, as a setting or a tensor, or shares of the classes.
func crossEntropy(b *bench) {
	smoothing := b.number(0, "smoothing", "label_smoothing")
	x := b.in("x", "logits", "input")
	n, k := x.Shape()[0], x.Shape()[1]
	target := b.has("labels", "target", "y")
	t := b.tensor("labels", "target", "y")
	if len(b.Tensors["weight"].Data) > 0 {
		build.Check(ErrUnsupported)
	}
	var shares, out *gorgonia.Node
	switch {
	case len(t.Shape) == 2 && b.has("grad_"+target) != "":
		shares = b.in(target)
	case len(t.Shape) == 2:
		shares = b.given(target)
	case b.reduction() == "none":
		hot := make([]float64, n*k)
		for i, y := range t.Data {
			hot[i*k+int(y)] = 1
		}
		shares = b.fixed("shares", hot, n, k)
	}
	switch {
	case shares == nil:
		out = must(nn.CrossEntropy(x, b.fixed("labels", t.Data, n), smoothing))
	case b.reduction() == "none":
		uniform := b.fixed("uniform", slices.Repeat([]float64{smoothing / float64(k)}, n*k), n, k)
		out = eachEntropy(x, shares, uniform, smoothing)
	default:
		out = must(nn.SoftCrossEntropy(x, shares, smoothing))
	}
	if b.reduction() == "sum" {
		out = must(nn.Scale(out, float64(n)))
	}
	b.op(out)
}

// eachEntropy is the cross-entropy of each sample with shares p of the classes.
func eachEntropy(x, p, uniform *gorgonia.Node, smoothing float64) *gorgonia.Node {
	q := must(nn.Add(must(nn.Scale(p, 1-smoothing)), uniform))
	return must(nn.Scale(must(nn.Sum(must(nn.Mul(q, must(nn.LogSoftmax(x)))), 1)), -1))
}

// batchNorm is that of one or two dimensions: of the batch, with the running statistics
// after it if the case has those before, or of statistics where it says that it evaluates.
func batchNorm(b *bench) {
	eps, momentum := b.number(1e-5, "eps"), b.number(0.1, "momentum")
	x, gamma, beta := b.in("x"), b.in("gamma", "weight"), b.in("beta", "bias")
	if !b.flag(!strings.HasSuffix(b.Name, "eval"), "training") {
		mean, variance := b.given("running_mean", "mean"), b.given("running_var", "var", "variance")
		b.op(must(norm.FrozenBatchNorm(x, gamma, beta, mean, variance, eps, norm.Epilogue{})))
		return
	}
	out, stats, err := norm.BatchNorm(x, gamma, beta, eps, norm.Epilogue{})
	build.Check(err)
	var after []want
	if name := b.has("running_mean_after", "new_running_mean"); name != "" && b.has("running_mean") != "" {
		after = append(after, want{must(norm.RunningMean(b.given("running_mean"), stats, momentum)), name})
	}
	if name := b.has("running_var_after", "new_running_var"); name != "" && b.has("running_var") != "" {
		after = append(after, want{must(norm.RunningVariance(b.given("running_var"), stats, x, eps, momentum)), name})
	}
	b.op(out, after...)
}
