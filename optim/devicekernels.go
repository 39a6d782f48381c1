package optim

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/op/launch"
)

// updates are the operands of a transform that looks at nothing but the updates.
func (d *device) updates(i int) (operands, error) {
	return operands{at: [4]launch.Ptr{d.u[i]}, factor: 1}, nil
}

// scaleAll multiplies all updates by a and the transform's factor.
func (d *device) scaleAll(a float64) error { return d.launch(d.at, "scale", launch.F64(a)) }

func (subtract) operandsOn(d *device, i int) (operands, error) {
	return operands{at: [4]launch.Ptr{d.value[i].Ptr(), d.u[i]}}, nil
}

func (subtract) updateOn(d *device, _ int) error { return d.launch(d.at, "axpy", launch.F64(-1)) }

func (t Decay) operandsOn(d *device, i int) (operands, error) {
	if d.params[i].NoDecay {
		return operands{}, nil
	}
	return operands{at: [4]launch.Ptr{d.u[i], d.value[i].Ptr()}}, nil
}

func (t Decay) updateOn(d *device, _ int) error { return d.launch(d.at, "axpy", launch.F64(t.Rate)) }

func (s Scale) operandsOn(d *device, i int) (operands, error) { return d.updates(i) }
func (s Scale) updateOn(d *device, step int) error            { return d.scaleAll(s.Rate(step)) }
func (s Scale) checkOn(_ *device, step int) error             { return checkRate(s.Rate, step) }

func (gs Groups) operandsOn(d *device, i int) (operands, error) {
	for _, g := range gs {
		for _, q := range g.Params {
			if q == d.params[i] {
				return operands{at: [4]launch.Ptr{d.u[i]}, factor: g.Factor}, nil
			}
		}
	}
	return operands{}, nil
}

func (gs Groups) updateOn(d *device, _ int) error { return d.scaleAll(1) }

func (c ClipValue) operandsOn(d *device, i int) (operands, error) { return d.updates(i) }
func (c ClipValue) updateOn(d *device, _ int) error {
	return d.launch(d.at, "clamp", launch.F64(c.Max))
}

func (c ClipNorm) operandsOn(d *device, i int) (operands, error) { return d.updates(i) }

// updateOn reads the norm back, 8 bytes, for one that is not finite has to stop the
// step.
func (c ClipNorm) updateOn(d *device, _ int) error {
	norm, err := d.norm()
	if err != nil {
		return err
	}
	factor, err := c.factor(norm, d.anySingle())
	if err != nil || factor >= 1 {
		return err
	}
	return d.scaleAll(factor)
}

func (d *device) anySingle() bool {
	for _, double := range d.double {
		if !double {
			return true
		}
	}
	return false
}

// norm is Norm of the updates.
func (d *device) norm() (float64, error) {
	sum, err := d.reduce(d.at, "squares", "total", launch.F64(1))
	if err != nil || sum > 1e-280 && sum <= math.MaxFloat64 {
		return math.Sqrt(sum), err
	}
	hi, err := d.reduce(d.at, "largest", "greatest")
	if err != nil || hi == 0 || hi-hi != 0 {
		return hi, err
	}
	exp := exponent(hi)
	sum, err = d.reduce(d.at, "squares", "total", launch.F64(math.Ldexp(1, -exp)))
	return math.Ldexp(math.Sqrt(sum), exp), err
}

func (CheckFinite) operandsOn(d *device, i int) (operands, error) { return d.updates(i) }
func (CheckFinite) updateOn(*device, int) error                   { return nil }

// checkOn reads the place of the first bad element back, 8 bytes.
func (CheckFinite) checkOn(d *device, _ int) error {
	at, err := d.reduce(d.at, "not_finite", "least")
	if err != nil || math.IsInf(at, 1) {
		return err
	}
	for i, first := range d.first {
		if k := int(at) - first; k < d.n[i] {
			return errors.Wrapf(ErrNotFinite, "the gradient of %q is NaN or infinite at element %d of %d", d.params[i].Name, k, d.n[i])
		}
	}
	return nil
}
