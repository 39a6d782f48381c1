package conformance

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// mcr2 is the authors' loss: its value, its parts and its gradient. Their
// empirical rate scales the covariance by γ1.
func mcr2(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	var l losses.MCR2
	classes := 0.0
	for name, v := range map[string]*float64{"eps_squared": &l.Eps2, "gamma1": &l.Gamma1, "gamma2": &l.Gamma2, "num_classes": &classes} {
		var err error
		if *v, err = r.Params.Float(name, 0); err != nil {
			return nil, err
		}
	}
	l.Classes = int(classes)
	b := newBench(r, dt)
	z, err := b.in("Z")
	if err != nil {
		return nil, err
	}
	labels, err := r.tensor("labels")
	if err != nil {
		return nil, err
	}
	y, err := b.fixed("labels", labels.Data, labels.Shape...)
	if err != nil {
		return nil, err
	}
	loss, err := l.Loss(b.g, z, y)
	if err != nil {
		return nil, err
	}
	rate, err := nn.CodingRate(z, l.Eps2)
	if err != nil {
		return nil, err
	}
	scaled, err := nn.CodingRate(z, l.Eps2/l.Gamma1)
	if err != nil {
		return nil, err
	}
	classRate, err := nn.ClassCodingRate(z, y, l.Classes, l.Eps2)
	if err != nil {
		return nil, err
	}
	values := []want{{loss, "loss"}, {rate, "R"}, {scaled, "R_empirical"}, {classRate, "Rc"}, {classRate, "Rc_empirical"}}
	return b.compare(loss, values, func(string) string { return "grad_Z" })
}

// rateReduction is ΔR for soft memberships: its parts and both its gradients.
func rateReduction(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	eps2, err := r.Params.Float("eps_squared", 0)
	if err != nil {
		return nil, err
	}
	b := newBench(r, dt)
	z, err := b.in("Z")
	if err != nil {
		return nil, err
	}
	pi, err := b.in("Pi")
	if err != nil {
		return nil, err
	}
	rate, err := nn.CodingRate(z, eps2)
	if err != nil {
		return nil, err
	}
	classRate, err := nn.SoftClassCodingRate(z, pi, eps2)
	if err != nil {
		return nil, err
	}
	delta, err := nn.Sub(rate, classRate)
	if err != nil {
		return nil, err
	}
	return b.compare(delta, []want{{rate, "R"}, {classRate, "Rc"}}, func(in string) string { return "dDelta_d" + in })
}
