package optim

import (
	"math"
	"unsafe"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
)

// bytesOf returns the memory of v.
func bytesOf(v *tensor.Dense) []byte {
	if v.Dtype() == tensor.Float64 {
		x := v.Float64s()
		return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 8*len(x))
	}
	x := v.Float32s()
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}

// real is v as an argument of parameter i's dtype.
func (d *device) real(i int, v float64) cuda.Arg {
	if d.double[i] {
		return cuda.F64(v)
	}
	return cuda.F32(float32(v))
}

// launch runs a kernel of optim.cu for parameter i. Its first argument is how many
// elements that has; addresses and numbers follow.
func (d *device) launch(kernel string, i int, shape cuda.Shape, args ...cuda.Arg) error {
	key := launchKey{kernel, i}
	l, ok := d.launches[key]
	if !ok {
		m, err := d.dev.Module("optim", ptx)
		if err != nil {
			return err
		}
		suffix := "_f32"
		if d.double[i] {
			suffix = "_f64"
		}
		if l, err = m.Launch("optim_"+kernel+suffix, shape, append([]cuda.Arg{cuda.I(d.n[i])}, args...)...); err != nil {
			return err
		}
		d.launches[key] = l
	}
	for j, a := range args {
		l.Set(j+1, a)
	}
	return l.Do(d.stream)
}

func (d *device) scaleAll(a float64) error {
	for i := range d.params {
		if err := d.launch("scale", i, cuda.Elements(d.n[i]), cuda.P(d.u[i]), cuda.F64(a)); err != nil {
			return err
		}
	}
	return nil
}

// number is where the device puts a number about parameter i.
func (d *device) number(i int) cuda.Ptr { return d.scratch.Ptr + cuda.Ptr(8*(parts+i)) }

// read copies those numbers to the host and waits for them.
func (d *device) read() error {
	b := unsafe.Slice((*byte)(unsafe.Pointer(&d.numbers[0])), 8*len(d.numbers))
	if err := d.stream.Download(b, d.number(0)); err != nil {
		return err
	}
	return d.stream.Synchronize()
}

func (subtract) updateOn(d *device, _ int) error {
	for i := range d.params {
		if err := d.launch("axpy", i, cuda.Elements(d.n[i]), cuda.P(d.value[i].Ptr()), cuda.P(d.u[i]), d.real(i, -1)); err != nil {
			return err
		}
	}
	return nil
}

func (t Decay) updateOn(d *device, _ int) error {
	for i, p := range d.params {
		if p.NoDecay {
			continue
		}
		if err := d.launch("axpy", i, cuda.Elements(d.n[i]), cuda.P(d.u[i]), cuda.P(d.value[i].Ptr()), d.real(i, t.Rate)); err != nil {
			return err
		}
	}
	return nil
}

func (s Scale) updateOn(d *device, step int) error { return d.scaleAll(s.Rate(step)) }
func (s Scale) checkOn(_ *device, step int) error  { return checkRate(s.Rate, step) }

func (gs Groups) updateOn(d *device, _ int) error {
	for _, g := range gs {
		for i, p := range d.params {
			for _, q := range g.Params {
				if p != q {
					continue
				}
				if err := d.launch("scale", i, cuda.Elements(d.n[i]), cuda.P(d.u[i]), cuda.F64(g.Factor)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c ClipValue) updateOn(d *device, _ int) error {
	for i := range d.params {
		if err := d.launch("clamp", i, cuda.Elements(d.n[i]), cuda.P(d.u[i]), d.real(i, c.Max)); err != nil {
			return err
		}
	}
	return nil
}

// updateOn reads the norm back, 8 bytes a parameter, for a norm that is not finite
// has to stop the step.
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
	sum, err := d.sumOf(1)
	if err != nil || sum > 1e-280 && sum <= math.MaxFloat64 {
		return math.Sqrt(sum), err
	}
	for i := range d.params {
		if err := d.launch("largest", i, cuda.One(), cuda.P(d.u[i]), cuda.P(d.number(i))); err != nil {
			return 0, err
		}
	}
	if err := d.read(); err != nil {
		return 0, err
	}
	hi := 0.0
	for _, v := range d.numbers {
		hi = max(hi, v)
	}
	if hi == 0 || hi-hi != 0 {
		return hi, nil
	}
	exp := exponent(hi)
	sum, err = d.sumOf(math.Ldexp(1, -exp))
	return math.Ldexp(math.Sqrt(sum), exp), err
}

// sumOf returns Σ (a·x)² over all elements of the updates.
func (d *device) sumOf(a float64) (sum float64, err error) {
	for i := range d.params {
		shape := cuda.Parts(d.n[i])
		if err := d.launch("squares", i, shape, cuda.P(d.u[i]), cuda.P(d.scratch.Ptr), cuda.F64(a)); err != nil {
			return 0, err
		}
		if err := d.total(i, shape.Blocks); err != nil {
			return 0, err
		}
	}
	if err := d.read(); err != nil {
		return 0, err
	}
	for _, v := range d.numbers {
		sum += v
	}
	return sum, nil
}

// total adds the partial sums up, into the number of parameter i.
func (d *device) total(i, blocks int) error {
	key := launchKey{"total", i}
	l, ok := d.launches[key]
	if !ok {
		m, err := d.dev.Module("optim", ptx)
		if err != nil {
			return err
		}
		if l, err = m.Launch("optim_total_f64", cuda.One(), cuda.I(blocks), cuda.P(d.scratch.Ptr), cuda.P(d.number(i))); err != nil {
			return err
		}
		d.launches[key] = l
	}
	return l.Do(d.stream)
}

func (CheckFinite) updateOn(*device, int) error { return nil }

func (CheckFinite) checkOn(d *device, _ int) error {
	for i := range d.params {
		if err := d.launch("not_finite", i, cuda.One(), cuda.P(d.u[i]), cuda.P(d.number(i))); err != nil {
			return err
		}
	}
	if err := d.read(); err != nil {
		return err
	}
	for i, at := range d.numbers {
		if at > 0 {
			return errors.Wrapf(ErrNotFinite, "the gradient of %q is NaN or infinite at element %d of %d", d.params[i].Name, int(at)-1, d.n[i])
		}
	}
	return nil
}
