package optim

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	adam_ "github.com/whitebox-nn/whitebox/internal/op/adam"
	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// Adam configures NewAdam and NewAdamW. The zero value is the paper's choice.
type Adam struct {
	Beta1       float64 // β₁ in (0, 1); 0 is 0.9
	Beta2       float64 // β₂ in (0, 1); 0 is 0.999
	Eps         float64 // ε > 0; 0 is 1e-8
	WeightDecay float64 // λ ≥ 0: an L2 penalty ½λ‖p‖² in NewAdam, decoupled in NewAdamW
}

// NewAdam returns the optimizer
//
//	g ← g + λp
//	m ← β₁m + (1−β₁)g          m̂ = m/(1−β₁ᵗ)
//	v ← β₂v + (1−β₂)g²         v̂ = v/(1−β₂ᵗ)
//	p ← p − lr·m̂/(√v̂ + ε)
//
// Gradients go through the transforms of before first: CheckFinite, ClipNorm.
// It is New(params, before…, WeightDecay{λ}, &ScaleByAdam{…}, LearningRate{lr}), up to rounding,
// in one pass over memory.
//
// Errors: as New; cfg out of range; a learning rate that is negative or not
// finite at the first step.
//
// Reference: Kingma, Ba. Adam: a method for stochastic optimization. ICLR 2015,
// algorithm 1; the penalty is torch.optim.Adam's.
func NewAdam(params []*nn.Param, lr Schedule, cfg Adam, before ...Transform) (*Optimizer, error) {
	return start("optim: Adam", params, before, &adam{ScaleByAdam: cfg.moments(), rate: lr, l2: cfg.WeightDecay})
}

// NewAdamW returns NewAdam's optimizer, except that weight decay does not go through the moments:
//
//	p ← p − lr·λ·p, and then NewAdam's step with λ = 0
//
// It is New(params, before…, &ScaleByAdam{…}, WeightDecay{λ}, LearningRate{lr}), up to rounding,
// in one pass over memory. PyTorch's default is λ = 0.01; here it is 0.
//
// Reference: Loshchilov, Hutter. Decoupled weight decay regularization. ICLR
// 2019, algorithm 2, with torch.optim.AdamW's choice that the rate of the
// schedule multiplies λ.
func NewAdamW(params []*nn.Param, lr Schedule, cfg Adam, before ...Transform) (*Optimizer, error) {
	return start("optim: AdamW", params, before, &adam{ScaleByAdam: cfg.moments(), rate: lr, decay: cfg.WeightDecay,
		decoupled: true})
}

func (a Adam) moments() ScaleByAdam { return ScaleByAdam{Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps} }

// float is the element type of parameters.
type float interface{ float32 | float64 }

// adam is the rule of NewAdam and NewAdamW.
type adam struct {
	ScaleByAdam
	rate      Schedule
	l2, decay float64
	decoupled bool // it is AdamW
	program   *ruled
}

func (a *adam) lr(step int) float64 { return a.rate(step) }

func (a *adam) Start(p []*nn.Param) error {
	err := first(checkRate(a.rate, 1), checkAmount("WeightDecay", a.l2+a.decay))
	if err != nil {
		return err
	}
	if err := a.ScaleByAdam.Start(p); err != nil {
		return err
	}
	a.program = newRuled(a.rule(), p, a.m, a.v)
	return nil
}

func (a *adam) ruled([]*nn.Param) *ruled { return a.program }

// rule returns the complete rule of Adam.
func (a *adam) rule() Rule {
	return Rule{
		States: []string{"m", "v"}, Count: adam_.Count,
		Op: func(p []*nn.Param) op.Op {
			letters := make([]byte, len(p))
			for i, q := range p {
				if letters[i] = '1'; q.NoDecay {
					letters[i] = '0'
				}
			}
			return adam_.Step{Decays: string(letters)}
		},
		Numbers: func(step int, dst []float64) {
			lr, c := a.rate(step), adamFactors[float64](&a.ScaleByAdam, step)
			adam_.Numbers{Rate: lr * a.correction(step), L2: a.l2, Keep: 1 - lr*a.decay, W1: c.W1, B2: c.B2, W2: c.W2,
				RootInverse: c.Root, E: c.Eps}.Fill(dst)
		},
	}
}

func (a *adam) checks(p []*nn.Param) []check { return a.overflows(p, a.program, a.l2) }

func (a *adam) Check(step int, _ []*tensor.Dense, _ []*nn.Param) error {
	return checkRate(a.rate, step)
}

func (a *adam) Update(step int, g []*tensor.Dense, p []*nn.Param) error {
	if err := a.overflow(g, p, a.l2); err != nil {
		return err
	}
	return a.program.step(step, g, p, nil)
}

// ScaleByAdam scales each element by running moments of its history, as Adam does:
//
//	m ← β₁m + (1−β₁)u          m̂ = m/(1−β₁ᵗ)
//	v ← β₂v + (1−β₂)u²         v̂ = v/(1−β₂ᵗ)
//	u ← m̂/(√v̂ + ε)
//
// It holds no learning rate: follow it by LearningRate.
//
// Reference: Kingma, Ba. Adam: a method for stochastic optimization. ICLR 2015,
// algorithm 1.
type ScaleByAdam struct {
	Beta1 float64 // β₁ in (0, 1); 0 is 0.9
	Beta2 float64 // β₂ in (0, 1); 0 is 0.999
	Eps   float64 // ε > 0; 0 is 1e-8

	m, v    slots
	watched bool   // the chain has CheckFinite
	device  *ruled // the rule of a device
}

func (a *ScaleByAdam) watch() { a.watched = true }

// Start implements Starter.
func (a *ScaleByAdam) Start(p []*nn.Param) error {
	if err := first(notNil("ScaleByAdam", a == nil), checkParams(p)); err != nil {
		return err
	}
	if a.m != nil {
		return errors.New("this ScaleByAdam belongs to another optimizer: make a new one")
	}
	a.Beta1, a.Beta2, a.Eps = cmp.Or(a.Beta1, 0.9), cmp.Or(a.Beta2, 0.999), cmp.Or(a.Eps, 1e-8)
	err := first(checkFactor("Beta1", a.Beta1), checkFactor("Beta2", a.Beta2), checkAmount("Eps", a.Eps))
	if err == nil {
		a.m, a.v = newSlots(p), newSlots(p)
	}
	return err
}

// Update implements Transform.
func (a *ScaleByAdam) Update(step int, u []*tensor.Dense, p []*nn.Param) error {
	if err := notNil("ScaleByAdam", a == nil); err != nil {
		return err
	}
	if err := checkUpdates("ScaleByAdam", u, p, a.m, a.v); err != nil {
		return err
	}
	if err := a.overflow(u, p, 0); err != nil {
		return err
	}
	c := a.correction(step)
	for i, t := range u {
		switch t.Dtype() {
		case tensor.Float32:
			update.Normalize(t.Float32s(), a.m.float32s(i), a.v.float32s(i), float32(c), adamFactors[float32](a, step))
		case tensor.Float64:
			update.Normalize(t.Float64s(), a.m.float64s(i), a.v.float64s(i), c, adamFactors[float64](a, step))
		}
	}
	return nil
}

// State implements Stateful: the moments, named "m" and "v".
func (a *ScaleByAdam) State(p []*nn.Param) []State {
	if a == nil {
		return nil
	}
	return append(a.m.state(p, "m"), a.v.state(p, "v")...)
}

// squares returns the second moments.
func (a *ScaleByAdam) squares(p []*nn.Param) []State { return a.v.state(p, "v") }

// correction returns 1/(1−β₁ᵗ).
func (a *ScaleByAdam) correction(step int) float64 { return 1 / (1 - math.Pow(a.Beta1, float64(step))) }

func (a *ScaleByAdam) ruled(p []*nn.Param) *ruled {
	r := stepOf(update.Moments, 6, nil, func(step int, dst []float64) {
		c := adamFactors[float64](a, step)
		dst[0], dst[1], dst[2], dst[3], dst[4], dst[5] = a.correction(step), c.W1, c.B2, c.W2, c.Root, c.Eps
	})
	r.States = []string{"m", "v"}
	a.device = newRuled(r, p, a.m, a.v)
	return a.device
}

func adamFactors[T float](a *ScaleByAdam, step int) update.MomentsStep[T] {
	return update.MomentsStep[T]{
		W1:   T(1 - a.Beta1),
		B2:   T(a.Beta2),
		W2:   T(1 - a.Beta2),
		Root: T(1 / math.Sqrt(1-math.Pow(a.Beta2, float64(step)))),
		Eps:  T(a.Eps),
	}
}

// overflow reports an update, with a penalty of weights, whose second moment would not
// be finite, if the chain has CheckFinite.
func (a *ScaleByAdam) overflow(u []*tensor.Dense, p []*nn.Param, l2 float64) error {
	if !a.watched {
		return nil
	}
	for i, t := range u {
		at, l2 := -1, decayOf(p[i], l2)
		switch t.Dtype() {
		case tensor.Float32:
			at, _ = update.FirstOverflow(p[i].Value.Float32s(), t.Float32s(), a.v.float32s(i), second[float32](a, l2))
		case tensor.Float64:
			at, _ = update.FirstOverflow(p[i].Value.Float64s(), t.Float64s(), a.v.float64s(i), second[float64](a, l2))
		}
		if at >= 0 {
			return overflowAt(p[i], at)
		}
	}
	return nil
}

func second[T float](a *ScaleByAdam, l2 float64) update.Second[T] {
	return update.Second[T]{Keep: T(a.Beta2), Add: T(1 - a.Beta2), L2: T(l2)}
}

func overflowAt(p *nn.Param, at int) error {
	return errors.Wrapf(ErrNotFinite, "the second moment of %q would leave %v at element %d of %d: clip its gradient, "+
		"or scale the loss", p.Name, p.Value.Dtype(), at, p.Value.Size())
}

func (a *ScaleByAdam) checks(p []*nn.Param) []check { return a.overflows(p, a.device, 0) }

// overflows is overflow on a device, whose moments are those of of.
func (a *ScaleByAdam) overflows(p []*nn.Param, of *ruled, l2 float64) []check {
	if !a.watched {
		return nil
	}
	c := newCheck(update.Overflow, p, decays, 3, func(_ int, dst []float64) {
		dst[0], dst[1], dst[2] = a.Beta2, 1-a.Beta2, l2
	}, func(_ *update.Found, p *nn.Param, at int) error { return overflowAt(p, at) })
	for i := range p {
		c.states[i] = of.states[i][1:]
	}
	return []check{c}
}
