package optim

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
)

// ErrNotFinite reports a gradient or a parameter that is NaN or infinite. Test
// for it with errors.Is.
var ErrNotFinite = nn.ErrNotFinite

// checkParams reports parameters that an optimizer or an average cannot keep.
func checkParams(params []*nn.Param) error {
	if len(params) == 0 {
		return errors.New("no parameters")
	}
	for i, p := range params {
		switch {
		case p == nil || p.Value == nil:
			return errors.Errorf("parameter %d of %d is nil or has no value", i+1, len(params))
		case p.Name == "":
			return errors.Errorf("parameter %d of %d has no name, and its state would have none", i+1, len(params))
		}
		if err := checkDense(p.Value); err != nil {
			return errors.WithMessagef(err, "parameter %q", p.Name)
		}
		for _, q := range params[:i] {
			if p == q || p.Name == q.Name {
				return errors.Errorf("parameter %q is in the list twice", p.Name)
			}
			if overlap(p.Value, q.Value) {
				return errors.Errorf("parameters %q and %q share memory: list one of them", q.Name, p.Name)
			}
		}
	}
	return nil
}

// ownValues reports a parameter that at the moment holds other values than its own (see [nn.Param.SetStandIn]).
func ownValues(params []*nn.Param) error {
	for _, p := range params {
		if what := p.StandIn(); what != "" {
			return errors.Errorf("parameter %q holds %s, not its own value: call SwapOut first", p.Name, what)
		}
	}
	return nil
}

// checkDense reports a tensor that is not a plain array of floats.
func checkDense(v *tensor.Dense) error {
	switch {
	case v.Dtype() != tensor.Float32 && v.Dtype() != tensor.Float64:
		return errors.Errorf("dtype %v, want float32 or float64", v.Dtype())
	case v.Size() == 0:
		return errors.Errorf("shape %v has no elements", v.Shape())
	case v.RequiresIterator() || v.DataOrder().IsColMajor():
		return errors.Errorf("a view or column-major: make it contiguous and row-major")
	}
	return nil
}

// checkGrads reports gradients that do not fit the parameters.
func (o *Optimizer) checkGrads(grads []*tensor.Dense) error {
	if len(grads) != len(o.params) {
		return errors.Errorf("%d gradients for %d parameters", len(grads), len(o.params))
	}
	if err := ownValues(o.params); err != nil {
		return err
	}
	for i, g := range grads {
		p := o.params[i]
		if g == nil {
			return errors.Errorf("the gradient of %q is nil", p.Name)
		}
		if p.Value == nil || p.Value.Dtype() != o.copies.dtypes[i] || p.Value.Size() != o.copies.sizes[i] {
			return errors.Errorf(
				"the value of %q was replaced by one of another dtype or size: copy into it, or make a new optimizer",
				p.Name)
		}
		if g.Dtype() != p.Value.Dtype() {
			return errors.Errorf("the gradient of %q is %v, want %v", p.Name, g.Dtype(), p.Value.Dtype())
		}
		if !slices.Equal(g.Shape(), p.Value.Shape()) && (g.Size() != 1 || p.Value.Size() != 1) {
			return errors.Errorf("the gradient of %q has shape %v, want %v", p.Name, g.Shape(), p.Value.Shape())
		}
		if err := checkDense(g); err != nil {
			return errors.WithMessagef(err, "the gradient of %q", p.Name)
		}
	}
	return nil
}

// checkUpdates reports updates that do not fit the parameters, or the states that a transform keeps for them. It is
// needed because a transform may be called without an Optimizer.
func checkUpdates(who string, u []*tensor.Dense, p []*nn.Param, states ...slots) error {
	if len(u) != len(p) {
		return errors.Errorf("%s: %d updates for %d parameters", who, len(u), len(p))
	}
	for i, t := range u {
		if t == nil || p[i] == nil || p[i].Value == nil {
			return errors.Errorf("%s: update %d of %d, or its parameter, is nil or has no value", who, i+1, len(u))
		}
		v := p[i].Value
		if t.Dtype() != v.Dtype() || t.Size() != v.Size() || t.Dtype() != tensor.Float32 &&
			t.Dtype() != tensor.Float64 {
			return errors.Errorf("%s: the update of %q is %v of %d elements, the parameter %v of %d, want them "+
				"alike, of float32 or float64", who, p[i].Name, t.Dtype(), t.Size(), v.Dtype(), v.Size())
		}
		for _, s := range states {
			if len(s) != len(u) || s[i].Dtype() != t.Dtype() || s[i].Size() != t.Size() {
				return errors.Errorf("%s: it was not started with these %d parameters: give it to optim.New", who,
					len(p))
			}
		}
	}
	return nil
}

// checkFloats reports updates that are no floats.
func checkFloats(who string, u []*tensor.Dense) error {
	for i, t := range u {
		if t == nil || t.Dtype() != tensor.Float32 && t.Dtype() != tensor.Float64 {
			return errors.Errorf("%s: update %d of %d is nil, or not of float32 or float64", who, i+1, len(u))
		}
	}
	return nil
}

// CheckFinite refuses a step if a gradient is NaN or infinite, with an error
// that wraps ErrNotFinite, before anything is changed. It looks at the
// gradients as they came, wherever in the chain it is. It costs one reading of
// the gradients.
//
// In a chain with ScaleByAdam, or of NewAdam or NewAdamW, it also refuses an update whose second moment would leave
// its dtype (in float32 from 1.8e19/√(1−β₂) on, 5.8e20): it would stay infinite, and the parameter would silently
// stop changing, as it does in PyTorch.
//
// On a device a step is queued before the check has a result, and changes nothing if it is refused: see
// [Optimizer.Step].
type CheckFinite struct{}

// Check implements Checker.
func (CheckFinite) Check(_ int, g []*tensor.Dense, p []*nn.Param) error {
	if err := checkUpdates("CheckFinite", g, p); err != nil {
		return err
	}
	for i, t := range g {
		var at int
		var x float64
		switch t.Dtype() {
		case tensor.Float32:
			at, x = update.FirstNotFinite(t.Float32s())
		case tensor.Float64:
			at, x = update.FirstNotFinite(t.Float64s())
		}
		if at >= 0 {
			return gradientIs(p[i], x, at)
		}
	}
	return nil
}

func isCheckFinite(t Transform) bool {
	switch t.(type) {
	case CheckFinite, *CheckFinite:
		return true
	}
	return false
}

func gradientIs(p *nn.Param, x float64, at int) error {
	return errors.Wrapf(ErrNotFinite, "the gradient of %q is %v at element %d of %d", p.Name, x, at, p.Value.Size())
}

// Update implements Transform. It changes nothing.
func (CheckFinite) Update(int, []*tensor.Dense, []*nn.Param) error { return nil }

func (CheckFinite) checks(p []*nn.Param) []check {
	none := func(int, []float64) {}
	c := newCheck(update.NotFinite, p, nil, 0, none, func(f *update.Found, p *nn.Param, at int) error {
		return gradientIs(p, f.Value, at)
	})
	c.first = true
	return []check{c}
}

// checkRate reports a schedule that is nil, or wrong at a step.
func checkRate(s Schedule, step int) error {
	if s == nil {
		return errors.New("the learning rate's Schedule is nil")
	}
	if lr := s(step); !(lr >= 0) || math.IsInf(lr, 1) {
		return errors.Errorf("the learning rate of step %d is %v, want a finite number, at least 0 (NaN comes of a "+
			"Schedule's arguments out of range)", step, lr)
	}
	return nil
}

// checkFactor reports a decay of moments that is not in [0, 1).
func checkFactor(name string, v float64) error {
	if !(v >= 0 && v < 1) {
		return errors.Errorf("%s is %v, want it in [0, 1)", name, v)
	}
	return nil
}

// checkAmount reports a setting that is negative or not finite.
func checkAmount(name string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 1) {
		return errors.Errorf("%s is %v, want a finite number, at least 0", name, v)
	}
	return nil
}

// notNil reports a transform that is a nil pointer.
func notNil(who string, is bool) error {
	if is {
		return errors.Errorf("the %s is nil", who)
	}
	return nil
}

// first returns the first error of errs.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
