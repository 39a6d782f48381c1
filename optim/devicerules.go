package optim

import (
	"github.com/whitebox-nn/whitebox/cuda"
)

func (m *Momentum) updateOn(d *device, step int) error {
	c := momentumFactors[float64](step, or(m.Mu, 0.9), m.Dampening, m.Nesterov)
	for i := range d.params {
		b, err := d.moment(m.b[i])
		if err != nil {
			return err
		}
		err = d.launch("momentum", i, cuda.Elements(d.n[i]), cuda.P(d.u[i]), cuda.P(b), d.real(i, c.keep), d.real(i, c.add), d.real(i, c.grad), d.real(i, c.trace))
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sgd) checkOn(_ *device, step int) error { return checkRate(s.rate, step) }

func (s *sgd) updateOn(d *device, step int) error {
	lr := s.rate(step)
	c := momentumFactors[float64](step, s.cfg.Momentum, s.cfg.Dampening, s.cfg.Nesterov)
	for i, p := range d.params {
		x, g, l2 := cuda.P(d.value[i].Ptr()), cuda.P(d.u[i]), decayOf(p, s.cfg.WeightDecay)
		if s.b == nil {
			if err := d.launch("descend", i, cuda.Elements(d.n[i]), x, g, d.real(i, lr), d.real(i, l2)); err != nil {
				return err
			}
			continue
		}
		b, err := d.moment(s.b[i])
		if err != nil {
			return err
		}
		err = d.launch("descend_momentum", i, cuda.Elements(d.n[i]), x, g, cuda.P(b), d.real(i, lr), d.real(i, l2),
			d.real(i, c.keep), d.real(i, c.add), d.real(i, c.grad), d.real(i, c.trace))
		if err != nil {
			return err
		}
	}
	return nil
}

// both returns the copies of the moments of parameter i.
func (a *Moments) both(d *device, i int) (m, v cuda.Ptr, err error) {
	if m, err = d.moment(a.m[i]); err != nil {
		return 0, 0, err
	}
	v, err = d.moment(a.v[i])
	return m, v, err
}

// factors are the numbers of adamStep at a step.
func (a *Moments) factors(d *device, i, step int) (w1, b2, w2, root, eps cuda.Arg) {
	c := adamFactors[float64](a, step)
	return d.real(i, c.w1), d.real(i, c.b2), d.real(i, c.w2), d.real(i, c.root), d.real(i, c.eps)
}

func (a *Moments) updateOn(d *device, step int) error {
	for i := range d.params {
		m, v, err := a.both(d, i)
		if err != nil {
			return err
		}
		w1, b2, w2, root, eps := a.factors(d, i, step)
		if err := d.launch("moments", i, cuda.Elements(d.n[i]), cuda.P(d.u[i]), cuda.P(m), cuda.P(v), d.real(i, a.correction(step)), w1, b2, w2, root, eps); err != nil {
			return err
		}
	}
	return nil
}

func (a *adam) checkOn(_ *device, step int) error { return checkRate(a.rate, step) }

func (a *adam) updateOn(d *device, step int) error {
	lr := a.rate(step)
	rate := lr * a.correction(step)
	for i, p := range d.params {
		m, v, err := a.both(d, i)
		if err != nil {
			return err
		}
		w1, b2, w2, root, eps := a.factors(d, i, step)
		err = d.launch("descend_adam", i, cuda.Elements(d.n[i]), cuda.P(d.value[i].Ptr()), cuda.P(d.u[i]), cuda.P(m), cuda.P(v),
			d.real(i, rate), d.real(i, decayOf(p, a.l2)), d.real(i, 1-lr*decayOf(p, a.decay)), w1, b2, w2, root, eps)
		if err != nil {
			return err
		}
	}
	return nil
}
