package losses

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Weigher is a loss that is a mean over samples, which can have weights: a sample of weight 2 counts as two.
type Weigher interface {
	Loss

	// Weighed is Loss with weights of the samples, n, of which some are above 0 and none below.
	Weighed(g *nn.Graph, out, target, weights *gorgonia.Node) (*gorgonia.Node, error)
}

var (
	_ Weigher = MSE{}
	_ Weigher = CodeError{}
	_ Weigher = Sum{}
	_ Weigher = Compared{}
)

// CheckWeigher reports a loss that cannot take weights of samples: one that is not a [Weigher], such as a loss of a
// whole batch, or a [Sum] or a [Compared] that contains one.
func CheckWeigher(l Loss) error {
	switch l := l.(type) {
	case Sum:
		for i, t := range l {
			if err := CheckWeigher(t.Loss); err != nil {
				return errors.WithMessagef(err, "term %d of a losses.Sum", i)
			}
		}
		return nil
	case Compared:
		return CheckWeigher(l.Of)
	}
	if _, ok := l.(Weigher); !ok || given.Nil(l) {
		return errors.Errorf("the loss %T cannot take weights of samples, want a losses.Weigher, as "+
			"losses.CrossEntropy and losses.MSE are, or samples without weights", l)
	}
	return nil
}

// Weighed returns a loss with weights of samples. Errors: CheckWeigher's; those of the loss.
func Weighed(l Loss, g *nn.Graph, out, target, weights *gorgonia.Node) (*gorgonia.Node, error) {
	if err := CheckWeigher(l); err != nil {
		return nil, errors.WithMessage(err, "losses")
	}
	return l.(Weigher).Weighed(g, out, target, weights)
}

// Weighed implements Weigher.
func (l CrossEntropy) Weighed(
	g *nn.Graph, out, target, weights *gorgonia.Node,
) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: CrossEntropy")
	if !(l.LabelSmoothing >= 0 && l.LabelSmoothing < 1) {
		return nil, errors.Errorf("LabelSmoothing is %v, want it from 0 to 1, 1 excluded", l.LabelSmoothing)
	}
	return l.weighed(g, out, target, weights)
}

// weighed adds the weighted mean; with nil weights, only the classes are weighted.
func (l CrossEntropy) weighed(g *nn.Graph, out, target, weights *gorgonia.Node) (loss *gorgonia.Node, err error) {
	if build.Rank(out) != 2 || build.Rank(target) < 1 {
		return nil, errors.Wrap(nn.ErrInput, "want logits n×k, and labels or shares")
	}
	classes, err := l.classes(out.Shape()[1])
	if err != nil {
		return nil, err
	}
	q, mass, err := l.targets(g, out, target, classes)
	if err != nil {
		return nil, err
	}
	logp := build.Must(nn.LogSoftmax(out))
	each := build.Must(nn.Sum(build.Must(nn.Mul(q, logp)), 1))
	if weights != nil {
		each, mass = build.Must(nn.Mul(each, weights)), build.Must(nn.Mul(mass, weights))
	}
	mean := build.Must(nn.Div(build.Must(nn.Sum(each)), build.Must(nn.Sum(mass))))
	loss = build.Must(nn.Scale(mean, -1))
	return loss, g.Probe(named(l.Name, "cross_entropy"), loss)
}

// classes returns the weights of k classes.
func (l CrossEntropy) classes(k int) ([]float64, error) {
	if l.ClassWeights == nil {
		all := make([]float64, k)
		for j := range all {
			all[j] = 1
		}
		return all, nil
	}
	if len(l.ClassWeights) != k {
		return nil, errors.Errorf("%d ClassWeights for %d classes", len(l.ClassWeights), k)
	}
	most := 0.0
	for j, w := range l.ClassWeights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, errors.Errorf("the weight of class %d is %v, want it 0 or above", j, w)
		}
		most = max(most, w)
	}
	if most == 0 {
		return nil, errors.New("no weight of a class is above 0")
	}
	return l.ClassWeights, nil
}

// targets returns wⱼqᵢⱼ, n×k, and the mass Σⱼ wⱼpᵢⱼ of each sample, n.
func (l CrossEntropy) targets(
	g *nn.Graph, out, target *gorgonia.Node, classes []float64,
) (q, mass *gorgonia.Node, err error) {
	k, s := len(classes), l.LabelSmoothing
	row := build.Must(constant(g, out, named(l.Name, "class weights"), classes, k))
	if build.Rank(target) == 2 {
		weighed := build.Must(nn.Mul(target, row))
		mass = build.Must(nn.Sum(weighed, 1))
		if s == 0 {
			return weighed, mass, nil
		}
		spread := build.Must(nn.Scale(row, s/float64(k)))
		return build.Must(nn.Add(build.Must(nn.Scale(weighed, 1-s)), spread)), mass, nil
	}
	const most = 4096
	if k > most {
		return nil, nil, errors.Errorf("weights with labels of %d classes, want at most %d: give the targets as "+
			"shares, n×k", k, most)
	}
	table := make([]float64, k*k)
	for y := range k {
		for j, w := range classes {
			table[y*k+j] = w * s / float64(k)
		}
		table[y*k+y] += classes[y] * (1 - s)
	}
	of := build.Must(constant(g, out, named(l.Name, "targets of classes"), table, k, k))
	return build.Must(nn.Gather(of, target)), build.Must(nn.Gather(row, target)), nil
}

// constant returns a node of numbers, of the dtype of like.
func constant(g *nn.Graph, like *gorgonia.Node, name string, x []float64, shape ...int) (*gorgonia.Node, error) {
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(like.Dtype()))
	if err := nn.SetFloats(v, x); err != nil {
		return nil, err
	}
	return g.Input(name, v)
}

// Weighed implements Weigher.
func (l MSE) Weighed(g *nn.Graph, out, target, weights *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: MSE")
	each := build.Must(squares(out, target))
	if build.Rank(each) == 2 {
		each = build.Must(nn.Mean(each, 1))
	}
	loss = build.Must(weightedMean(each, weights))
	return loss, g.Probe(named(l.Name, "mse"), loss)
}

// Weighed implements Weigher.
func (l CodeError) Weighed(g *nn.Graph, out, target, weights *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: CodeError")
	each := build.Must(squares(out, target))
	if build.Rank(each) == 2 {
		each = build.Must(nn.Sum(each, 1))
	}
	loss = build.Must(nn.Scale(build.Must(weightedMean(each, weights)), 0.5))
	return loss, g.Probe(named(l.Name, "code_error"), loss)
}

// squares returns the squared differences, n or n×d.
func squares(out, target *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(out) < 1 || build.Rank(target) < 1 || !out.Shape().Eq(target.Shape()) {
		return nil, errors.Wrap(nn.ErrInput, "want outputs and targets alike")
	}
	d, err := nn.Sub(out, target)
	if err != nil {
		return nil, err
	}
	if build.Rank(d) > 1 {
		if d, err = nn.Flatten(d); err != nil {
			return nil, err
		}
	}
	return nn.Mul(d, d)
}

// weightedMean returns Σ wᵢxᵢ / Σ wᵢ.
func weightedMean(x, w *gorgonia.Node) (mean *gorgonia.Node, err error) {
	defer build.Catch(&err, "weighted mean")
	return nn.Div(build.Must(nn.Sum(build.Must(nn.Mul(x, w)))), build.Must(nn.Sum(w)))
}

// Weighed implements Weigher, if all terms do.
func (l Sum) Weighed(g *nn.Graph, out, target, weights *gorgonia.Node) (*gorgonia.Node, error) {
	if err := CheckWeigher(l); err != nil {
		return nil, errors.WithMessage(err, "losses")
	}
	return l.sum(func(t Loss) (*gorgonia.Node, error) { return t.(Weigher).Weighed(g, out, target, weights) })
}

// Weighed implements Weigher, if Of does.
func (l Compared) Weighed(g *nn.Graph, out, target, weights *gorgonia.Node) (*gorgonia.Node, error) {
	if err := CheckWeigher(l); err != nil {
		return nil, errors.WithMessage(err, "losses: Compared")
	}
	if err := l.compare(g, target); err != nil {
		return nil, err
	}
	return l.Of.(Weigher).Weighed(g, out, target, weights)
}
