package optim

import "github.com/whitebox-nn/whitebox/op/launch"

// moved returns operands, the last of them the moments in ms, with 1 as the factor of
// a parameter that decays.
func (d *device) moved(i int, ms []slots, at ...launch.Ptr) (o operands, err error) {
	if !d.params[i].NoDecay {
		o.factor = 1
	}
	n := copy(o.at[:], at)
	for j, m := range ms {
		if o.at[n+j], err = d.moment(m[i]); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (m *Momentum) operandsOn(d *device, i int) (operands, error) {
	return d.moved(i, []slots{m.b}, d.u[i])
}

func (m *Momentum) updateOn(d *device, step int) error {
	c := momentumFactors[float64](step, or(m.Mu, 0.9), m.Dampening, m.Nesterov)
	return d.launch(d.at, "momentum", launch.F64(c.keep), launch.F64(c.add), launch.F64(c.grad), launch.F64(c.trace))
}

func (s *sgd) operandsOn(d *device, i int) (operands, error) {
	if s.b == nil {
		return d.moved(i, nil, d.value[i].Ptr(), d.u[i])
	}
	return d.moved(i, []slots{s.b}, d.value[i].Ptr(), d.u[i])
}

func (s *sgd) checkOn(_ *device, step int) error { return checkRate(s.rate, step) }

func (s *sgd) updateOn(d *device, step int) error {
	lr, l2 := launch.F64(s.rate(step)), launch.F64(s.cfg.WeightDecay)
	if s.b == nil {
		return d.launch(d.at, "descend", lr, l2)
	}
	c := momentumFactors[float64](step, s.cfg.Momentum, s.cfg.Dampening, s.cfg.Nesterov)
	return d.launch(d.at, "descend_momentum", lr, l2, launch.F64(c.keep), launch.F64(c.add), launch.F64(c.grad), launch.F64(c.trace))
}

func (a *Moments) operandsOn(d *device, i int) (operands, error) {
	return d.moved(i, []slots{a.m, a.v}, d.u[i])
}

func (a *Moments) updateOn(d *device, step int) error {
	c := adamFactors[float64](a, step)
	return d.launch(d.at, "moments", launch.F64(a.correction(step)),
		launch.F64(c.w1), launch.F64(c.b2), launch.F64(c.w2), launch.F64(c.root), launch.F64(c.eps))
}

func (a *adam) operandsOn(d *device, i int) (operands, error) {
	return d.moved(i, []slots{a.m, a.v}, d.value[i].Ptr(), d.u[i])
}

func (a *adam) checkOn(_ *device, step int) error { return checkRate(a.rate, step) }

func (a *adam) updateOn(d *device, step int) error {
	lr, c := a.rate(step), adamFactors[float64](&a.Moments, step)
	return d.launch(d.at, "descend_adam", launch.F64(lr*a.correction(step)), launch.F64(a.l2), launch.F64(1-lr*a.decay),
		launch.F64(c.w1), launch.F64(c.b2), launch.F64(c.w2), launch.F64(c.root), launch.F64(c.eps))
}
