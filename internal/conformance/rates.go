package conformance

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
)

// least stands for a setting of 0 where that is the word for a default.
const least = 5e-324

// setting returns a number of the case, with 0 as least.
func (b *bench) setting(def float64, names ...string) float64 {
	if v := b.number(def, names...); v != 0 {
		return v
	}
	return least
}

// eps2 returns ε², which the authors' code calls eps.
func (b *bench) eps2() float64 { return b.number(0.5, "eps_squared", "eps2", "eps_sq", "eps") }

// mcr2 is the authors' loss: its value, its parts and its gradients, for labels or
// for memberships. Their empirical rate scales the covariance by γ1.
func mcr2(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	b := newBench(r, dt)
	l := losses.MCR2{Eps2: b.eps2(), Gamma1: b.setting(1, "gamma1", "gam1"), Gamma2: b.setting(1, "gamma2", "gam2"),
		Lambda: b.number(0, "lambda", "lam")}
	z := build.Must(b.in("Z"))
	var target *gorgonia.Node
	if _, ok := r.find("Pi"); ok {
		target = build.Must(b.in("Pi"))
		l.Classes = target.Shape()[1]
	} else {
		target = b.labels(&l.Classes)
	}
	classRate := b.classRate(z, target, l.Classes, l.Eps2)
	rate, scaled := build.Must(codingrate.Rate(z, l.Eps2)), build.Must(codingrate.Rate(z, l.Eps2/l.Gamma1))
	delta := build.Must(nn.Sub(rate, classRate))
	values := []want{
		{build.Must(l.Loss(b.g, z, target)), "loss"}, {rate, "R"}, {scaled, "R_empirical"},
		{classRate, "Rc"}, {classRate, "Rc_empirical"}, {delta, "delta_R"},
	}
	return b.compare(values[0].node, values, func(in string) string { return "grad_" + in })
}

// labels adds the labels of the case and counts the classes, unless it says how
// many there are.
func (b *bench) labels(classes *int) *gorgonia.Node {
	y, err := b.r.tensor("labels")
	build.Check(err)
	most := 0.0
	for _, v := range y.Data {
		most = max(most, v)
	}
	*classes = int(b.number(most+1, "num_classes", "classes", "k"))
	return build.Must(b.fixed("labels", y.Data, len(y.Data)))
}

// classRate is Rᶜ for labels or for memberships.
func (b *bench) classRate(z, target *gorgonia.Node, classes int, eps2 float64) *gorgonia.Node {
	if target.Dims() == 2 {
		return build.Must(codingrate.SoftClassRate(z, target, eps2))
	}
	return build.Must(codingrate.ClassRate(z, target, classes, eps2))
}

// rateReduction is ΔR: its parts, and its gradients by features and memberships, or
// by features alone for labels.
func rateReduction(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	b := newBench(r, dt)
	z := build.Must(b.in("Z"))
	var target *gorgonia.Node
	classes := 0
	if _, ok := r.find("labels"); ok {
		target = b.labels(&classes)
	} else {
		target = build.Must(b.in("Pi"))
	}
	rate, classRate := build.Must(codingrate.Rate(z, b.eps2())), b.classRate(z, target, classes, b.eps2())
	delta := build.Must(nn.Sub(rate, classRate))
	values := []want{{rate, "R"}, {classRate, "Rc"}, {delta, "delta_R"}, {delta, "Delta"}}
	return b.compare(delta, values, func(in string) string { return "dDelta_d" + in })
}
