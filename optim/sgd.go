package optim

import (
	"cmp"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
)

// SGD configures stochastic gradient descent. The zero value is plain descent,
// PyTorch's default.
type SGD struct {
	Momentum    float64 // μ in [0, 1)
	Dampening   float64 // τ in [0, 1]
	Nesterov    bool    // look ahead: needs momentum, and no dampening
	WeightDecay float64 // λ ≥ 0, coupled: an L2 penalty ½λ‖p‖²
}

// NewSGD returns the optimizer that descends along gradients, with momentum if
// cfg has it:
//
//	g ← g + λp
//	b ← μb + (1−τ)g            b ← g at the first step
//	p ← p − lr·b               p ← p − lr(g + μb) with Nesterov
//
// Gradients go through the transforms of before first: CheckFinite, ClipNorm.
// It is New(params, before…, WeightDecay{λ}, &Momentum{…}, LearningRate{lr}), up to rounding,
// in one pass over memory.
//
// Errors: as New; cfg out of range; a learning rate that is negative or not
// finite at the first step.
//
// Reference: Sutskever, Martens, Dahl, Hinton. On the importance of
// initialization and momentum in deep learning. ICML 2013; in the form of
// torch.optim.SGD, where the rate multiplies b and is not within it.
func NewSGD(params []*nn.Param, lr Schedule, cfg SGD, before ...Transform) (*Optimizer, error) {
	return start("optim: SGD", params, before, &sgd{cfg: cfg, rate: lr})
}

// sgd is the rule of NewSGD.
type sgd struct {
	cfg  SGD
	rate Schedule
	b    slots // nil without momentum

	program *ruled
}

func (s *sgd) lr(step int) float64 { return s.rate(step) }

func (s *sgd) Start(p []*nn.Param) error {
	err := first(checkRate(s.rate, 1), checkMomentum(s.cfg.Momentum, s.cfg.Dampening, s.cfg.Nesterov),
		checkAmount("WeightDecay", s.cfg.WeightDecay))
	if err != nil {
		return err
	}
	if s.cfg.Momentum == 0 {
		s.program = newRuled(stepOf(update.Descend, 2, decays, func(step int, dst []float64) {
			dst[0], dst[1] = s.rate(step), s.cfg.WeightDecay
		}), p)
		return nil
	}
	s.b = newSlots(p)
	r := stepOf(update.DescendMomentum, 6, decays, func(step int, dst []float64) {
		c := momentumFactors[float64](step, s.cfg.Momentum, s.cfg.Dampening, s.cfg.Nesterov)
		dst[0], dst[1] = s.rate(step), s.cfg.WeightDecay
		dst[2], dst[3], dst[4], dst[5] = c.Keep, c.Add, c.Grad, c.Trace
	})
	r.States = []string{"momentum"}
	s.program = newRuled(r, p, s.b)
	return nil
}

func (s *sgd) ruled([]*nn.Param) *ruled { return s.program }

func (s *sgd) Check(step int, _ []*tensor.Dense, _ []*nn.Param) error { return checkRate(s.rate, step) }

func (s *sgd) Update(step int, g []*tensor.Dense, p []*nn.Param) error {
	return s.program.step(step, g, p, nil)
}

// State implements Stateful.
func (s *sgd) State(p []*nn.Param) []State { return s.b.state(p, "momentum") }

// Momentum replaces updates by a decaying sum of them:
//
//	b ← μb + (1−τ)u            b ← u at the first step
//	u ← b                      u ← u + μb with Nesterov
//
// It holds no learning rate: follow it by LearningRate.
type Momentum struct {
	Mu        float64 // μ in (0, 1); 0 is 0.9
	Dampening float64 // τ in [0, 1]
	Nesterov  bool    // look ahead: needs no dampening

	b slots
}

// Start implements Starter.
func (m *Momentum) Start(p []*nn.Param) error {
	if err := first(notNil("Momentum", m == nil), checkParams(p)); err != nil {
		return err
	}
	if m.b != nil {
		return errors.New("this Momentum belongs to another optimizer: make a new one")
	}
	if err := checkMomentum(cmp.Or(m.Mu, 0.9), m.Dampening, m.Nesterov); err != nil {
		return err
	}
	m.b = newSlots(p)
	return nil
}

// Update implements Transform.
func (m *Momentum) Update(step int, u []*tensor.Dense, p []*nn.Param) error {
	if err := notNil("Momentum", m == nil); err != nil {
		return err
	}
	if err := checkUpdates("Momentum", u, p, m.b); err != nil {
		return err
	}
	mu := cmp.Or(m.Mu, 0.9)
	for i, t := range u {
		switch t.Dtype() {
		case tensor.Float32:
			update.Trace(t.Float32s(), m.b.float32s(i), momentumFactors[float32](step, mu, m.Dampening, m.Nesterov))
		case tensor.Float64:
			update.Trace(t.Float64s(), m.b.float64s(i), momentumFactors[float64](step, mu, m.Dampening, m.Nesterov))
		}
	}
	return nil
}

// State implements Stateful: the buffer b, named "momentum".
func (m *Momentum) State(p []*nn.Param) []State {
	if m == nil {
		return nil
	}
	return m.b.state(p, "momentum")
}

func (m *Momentum) ruled(p []*nn.Param) *ruled {
	r := stepOf(update.Momentum, 4, nil, func(step int, dst []float64) {
		c := momentumFactors[float64](step, cmp.Or(m.Mu, 0.9), m.Dampening, m.Nesterov)
		dst[0], dst[1], dst[2], dst[3] = c.Keep, c.Add, c.Grad, c.Trace
	})
	r.States = []string{"momentum"}
	return newRuled(r, p, m.b)
}

func momentumFactors[T float](step int, mu, dampening float64, nesterov bool) update.MomentumStep[T] {
	c := update.MomentumStep[T]{Keep: T(mu), Add: T(1 - dampening), Trace: 1}
	if step == 1 {
		c.Keep, c.Add = 0, 1
	}
	if nesterov {
		c.Grad, c.Trace = 1, T(mu)
	}
	return c
}

func checkMomentum(mu, dampening float64, nesterov bool) error {
	if !(dampening >= 0 && dampening <= 1) {
		return errors.Errorf("Dampening is %v, want it in [0, 1]", dampening)
	}
	if nesterov && (mu == 0 || dampening != 0) {
		return errors.Errorf("Nesterov with momentum %v and dampening %v, want momentum above 0 and no dampening", mu,
			dampening)
	}
	return checkFactor("Momentum", mu)
}
