package optim

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
)

// EMAConfig configures an EMA. The zero value decays by 0.999 and starts at the
// parameters as they are when the EMA is made.
type EMAConfig struct {
	Decay    float64 // d in (0, 1); 0 is 0.999
	Unbiased bool    // forget the start: the weights of the averaged steps sum to 1
	Warmup   bool    // decay less at first: min(d, (1+t)/(10+t)) at update t
}

// An EMA is an exponential moving average of parameters, which often
// generalizes better than the parameters themselves:
//
//	a ← a + wₜ(p − a)        wₜ = 1 − dₜ
//
// with dₜ = d, or warmed up. Unbiased, wₜ = (1−d)/(1−dᵗ), which is Adam's bias
// correction in one step: a is Σ dᵗ⁻ⁱ pᵢ / Σ dᵗ⁻ⁱ over the updates i = 1 … t.
//
// It averages in the parameters' dtype, on a device where all of them are on one. For
// evaluation, swap it in:
//
//	for … { optimizer.Step(…); ema.Update() }
//	ema.Evaluate(func() error { … })
//
// Nothing allocates after NewEMA. Methods may not be called concurrently.
//
// Reference: Polyak, Juditsky. Acceleration of stochastic approximation by
// averaging. SIAM J. Control Optim. 30(4), 1992; exponential, as usual today.
type EMA struct {
	cfg    EMAConfig
	params []*nn.Param
	a      slots
	step   int
	in     bool // the parameters hold the averages, a holds the parameters

	weighs    float64 // the weight of the update in hand
	mix, turn *ruled  // the rules of Update, SwapIn and SwapOut
}

// NewEMA returns an average of params that has seen no update.
//
// Errors: parameters as in New; a decay out of range; both Unbiased and Warmup.
func NewEMA(params []*nn.Param, cfg EMAConfig) (*EMA, error) {
	if err := checkParams(params); err != nil {
		return nil, errors.WithMessage(err, "optim: EMA")
	}
	cfg.Decay = cmp.Or(cfg.Decay, 0.999)
	if err := checkFactor("Decay", cfg.Decay); err != nil {
		return nil, errors.WithMessage(err, "optim: EMA")
	}
	if cfg.Unbiased && cfg.Warmup {
		return nil, errors.New("optim: EMA: both Unbiased and Warmup: choose one")
	}
	e := &EMA{cfg: cfg, params: append([]*nn.Param(nil), params...), a: newSlots(params)}
	for i, p := range params {
		dense.Copy(e.a[i], p.Value)
	}
	if err := checkNames(e.state()); err != nil {
		return nil, errors.WithMessage(err, "optim: EMA")
	}
	r := stepOf(update.Average, 1, nil, func(_ int, dst []float64) { dst[0] = e.weighs })
	r.States = []string{"average"}
	e.mix = newRuled(r, e.params, e.a)
	e.turn = newRuled(stepOf(update.Exchange, 1, nil, func(int, []float64) {}), e.params)
	e.turn.states = e.mix.states
	return e, nil
}

// Update adds the parameters to the average, after a step.
//
// Errors: the averages are swapped in, or those of another EMA; a parameter's value was
// replaced by one of another dtype or size.
func (e *EMA) Update() error {
	if err := e.made(); err != nil {
		return err
	}
	if e.in {
		return errors.New("optim: EMA: update while the averages are swapped in: call SwapOut first")
	}
	if err := first(e.fits(), ownValues(e.params)); err != nil {
		return errors.WithMessage(err, "optim: EMA")
	}
	w := e.weight(e.step + 1)
	e.weighs = w
	onDevice, err := e.runOnDevice(e.mix)
	if err != nil {
		return errors.WithMessage(err, "optim: EMA")
	}
	e.step++
	if onDevice {
		return nil
	}
	for i, p := range e.params {
		switch v := p.Value; v.Dtype() {
		case tensor.Float32:
			update.Mix(e.a[i].Float32s(), v.Float32s(), float32(w))
		case tensor.Float64:
			update.Mix(e.a[i].Float64s(), v.Float64s(), w)
		}
	}
	return nil
}

// runOnDevice runs a rule on the parameters and the averages, where all parameters are
// on a device. Else it brings everything to the host.
func (e *EMA) runOnDevice(r *ruled) (ran bool, err error) {
	if !nn.OnDevice(e.params, nil) {
		return false, first(nn.Sync(e.params), nn.Sync(e.mix.all))
	}
	return true, r.step(e.step, nil, e.params, nil)
}

// made reports an EMA that NewEMA did not make.
func (e *EMA) made() error {
	if e == nil || len(e.params) == 0 {
		return errors.New("optim: EMA: it was not made by NewEMA")
	}
	return nil
}

// weight returns wₜ.
func (e *EMA) weight(t int) float64 {
	d := e.cfg.Decay
	switch {
	case e.cfg.Unbiased:
		return (1 - d) / (1 - math.Pow(d, float64(t)))
	case e.cfg.Warmup:
		d = min(d, float64(1+t)/float64(10+t))
	}
	return 1 - d
}

// SwapIn exchanges the contents of the parameters and of the averages, so that
// every graph that the parameters are bound into computes with the averages.
// Errors: they are swapped in already; as Update.
func (e *EMA) SwapIn() error { return e.swap(true) }

// SwapOut undoes SwapIn, exactly. Errors: as SwapIn.
func (e *EMA) SwapOut() error { return e.swap(false) }

func (e *EMA) swap(in bool) error {
	if err := e.made(); err != nil {
		return err
	}
	switch {
	case in && e.in:
		return errors.New("optim: EMA: the averages are swapped in already")
	case !in && !e.in:
		return errors.New("optim: EMA: the averages are not swapped in")
	}
	if err := e.fits(); err != nil {
		return errors.WithMessage(err, "optim: EMA")
	}
	if in {
		if err := ownValues(e.params); err != nil {
			return errors.WithMessage(err, "optim: EMA")
		}
	}
	onDevice, err := e.runOnDevice(e.turn)
	if err != nil {
		return errors.WithMessage(err, "optim: EMA")
	}
	what := ""
	if in {
		what = "the averages of an EMA"
	}
	for _, p := range e.params {
		p.SetStandIn(what)
	}
	if e.in = in; onDevice {
		return nil
	}
	for i, p := range e.params {
		switch v := p.Value; v.Dtype() {
		case tensor.Float32:
			update.Swap(e.a[i].Float32s(), v.Float32s())
		case tensor.Float64:
			update.Swap(e.a[i].Float64s(), v.Float64s())
		}
	}
	return nil
}

// Evaluate calls f with the averages swapped in, and swaps them out again
// whatever f does. It returns f's error, or that of swapping.
func (e *EMA) Evaluate(f func() error) (err error) {
	if f == nil {
		return errors.New("optim: EMA: evaluate: no function to call")
	}
	if err := e.SwapIn(); err != nil {
		return err
	}
	defer func() {
		if out := e.SwapOut(); err == nil {
			err = out
		}
	}()
	return f()
}

// Config returns the settings, with defaults filled in.
func (e *EMA) Config() EMAConfig {
	if e == nil {
		return EMAConfig{}
	}
	return e.cfg
}

// Params returns the parameters that e averages.
func (e *EMA) Params() []*nn.Param {
	if e == nil {
		return nil
	}
	return append([]*nn.Param(nil), e.params...)
}

// StepCount returns the number of updates.
func (e *EMA) StepCount() int {
	if e == nil {
		return 0
	}
	return e.step
}

// State returns what a resumed run needs: the averages as "ema.<parameter>" and the number of updates as "ema.step",
// an int64 vector of length 1. The averages are e's own memory, those of a device copied to it. Errors: they are
// swapped in, so that a checkpoint would store the averages as the parameters.
func (e *EMA) State() ([]State, error) {
	if err := e.made(); err != nil {
		return nil, err
	}
	if e.in {
		return nil, errors.New("optim: EMA: state while the averages are swapped in: call SwapOut first")
	}
	if err := nn.Sync(e.mix.all); err != nil {
		return nil, errors.WithMessage(err, "optim: EMA")
	}
	return e.state(), nil
}

func (e *EMA) state() []State {
	all := []State{counter("ema.step", e.step)}
	for i, p := range e.params {
		all = append(all, State{"ema." + p.Name, e.a[i]})
	}
	return all
}

// Restore makes e continue where another EMA of the same configuration and
// parameters was when it returned state. An error leaves e as it was; it wraps
// ErrState if the state does not fit, or holds an average that is NaN or infinite.
func (e *EMA) Restore(state []State) error {
	if err := e.made(); err != nil {
		return err
	}
	if e.in {
		return errors.New("optim: EMA: restore while the averages are swapped in: call SwapOut first")
	}
	step, err := restore(e.state(), state, nil)
	if err != nil {
		return errors.WithMessage(err, "optim: EMA: restore")
	}
	nn.Changed(e.mix.all)
	e.step = step
	return nil
}

// fits reports a parameter whose value was replaced by another one.
func (e *EMA) fits() error {
	for i, p := range e.params {
		if p.Value == nil || p.Value.Dtype() != e.a[i].Dtype() || p.Value.Size() != e.a[i].Size() {
			return errors.Errorf(
				"the value of %q was replaced by one of another dtype or size: copy into it, or make a new EMA", p.Name)
		}
	}
	return nil
}
