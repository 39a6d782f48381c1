package conformance

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// crossEntropy follows the settings of torch's: label smoothing; mean, sum or no
// reduction; labels, as a parameter or a tensor, or shares of the classes.
func crossEntropy(b *bench) *gorgonia.Node {
	smoothing := b.number(0, "smoothing", "label_smoothing")
	x := build.Must(b.in("x", "logits", "input"))
	n, k := x.Shape()[0], x.Shape()[1]
	labels := b.list("labels", "target", "y")
	if t, ok := b.r.find("labels", "target", "y"); ok {
		if len(t.Shape) == 2 {
			return b.sharedEntropy(x, build.Must(b.target(t, "labels", "target", "y")), smoothing)
		}
		labels = t.Data
	}
	if weights, ok := b.r.find("weight"); ok && len(weights.Data) > 0 {
		return build.Must(nil, ErrUnsupported)
	}
	if b.reduction() == "none" {
		shares := make([]float64, n*k)
		for i, y := range labels {
			shares[i*k+int(y)] = 1
		}
		return b.sharedEntropy(x, build.Must(b.fixed("shares", shares, n, k)), smoothing)
	}
	mean := build.Must(nn.CrossEntropy(x, build.Must(b.fixed("labels", labels, len(labels))), smoothing))
	return b.reduced(mean, n)
}

// target adds targets: as an input that gradients are taken by, if the case has
// the gradient.
func (b *bench) target(t Tensor, names ...string) (*gorgonia.Node, error) {
	for _, name := range names {
		if _, ok := b.r.Tensors["grad_"+name]; ok {
			return b.in(name)
		}
	}
	return b.fixed("target", t.Data, t.Shape...)
}

// sharedEntropy is the cross-entropy with shares p of the classes.
func (b *bench) sharedEntropy(x, p *gorgonia.Node, smoothing float64) *gorgonia.Node {
	n, k := x.Shape()[0], x.Shape()[1]
	if b.reduction() != "none" {
		return b.reduced(build.Must(nn.SoftCrossEntropy(x, p, smoothing)), n)
	}
	uniform := make([]float64, n*k)
	for i := range uniform {
		uniform[i] = smoothing / float64(k)
	}
	q := build.Must(nn.Add(build.Must(nn.Scale(p, 1-smoothing)), build.Must(b.fixed("uniform", uniform, n, k))))
	each := build.Must(nn.Sum(build.Must(nn.Mul(q, build.Must(nn.LogSoftmax(x)))), 1))
	return build.Must(nn.Scale(each, -1))
}

// reduced makes a sum of a mean, if the case asks for it.
func (b *bench) reduced(mean *gorgonia.Node, n int) *gorgonia.Node {
	if b.reduction() == "sum" {
		return build.Must(nn.Scale(mean, float64(n)))
	}
	return mean
}
