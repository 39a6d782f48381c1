package optim

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
)

// WeightDecay adds rate·p to the update of each parameter p that is not NoDecay.
// After ScaleByAdam it is AdamW's decoupled decay; before ScaleByAdam or Momentum, L2
// regularization.
type WeightDecay struct {
	Rate float64 // λ ≥ 0
}

// Start implements Starter.
func (d WeightDecay) Start([]*nn.Param) error { return checkAmount("WeightDecay's Rate", d.Rate) }

// Update implements Transform.
func (d WeightDecay) Update(_ int, u []*tensor.Dense, p []*nn.Param) error {
	if err := checkUpdates("WeightDecay", u, p); err != nil {
		return err
	}
	for i, t := range u {
		if p[i].NoDecay {
			continue
		}
		switch t.Dtype() {
		case tensor.Float32:
			simd.Axpy(t.Float32s(), float32(d.Rate), p[i].Value.Float32s())
		case tensor.Float64:
			simd.Axpy(t.Float64s(), d.Rate, p[i].Value.Float64s())
		}
	}
	return nil
}

func (d WeightDecay) rule() Rule {
	return stepOf(update.Decay, 1, decays, func(_ int, dst []float64) { dst[0] = d.Rate })
}

// decays is 0 for a parameter that is exempt from decay, else 1.
func decays(p *nn.Param) float64 { return decayOf(p, 1) }

// decayOf returns rate, or 0 for a parameter that is exempt.
func decayOf(p *nn.Param, rate float64) float64 {
	if p.NoDecay {
		return 0
	}
	return rate
}

// LearningRate multiplies the updates of step t by Rate(t): the learning rate. A rate
// that is negative or not finite is an error, before anything is changed.
type LearningRate struct{ Rate Schedule }

// Start implements Starter.
func (s LearningRate) Start([]*nn.Param) error { return checkRate(s.Rate, 1) }

// Check implements Checker.
func (s LearningRate) Check(step int, _ []*tensor.Dense, _ []*nn.Param) error {
	return checkRate(s.Rate, step)
}

// Update implements Transform.
func (s LearningRate) Update(step int, u []*tensor.Dense, _ []*nn.Param) error {
	if err := first(checkFloats("LearningRate", u), checkRate(s.Rate, step)); err != nil {
		return err
	}
	scaleAll(u, s.Rate(step))
	return nil
}

func (s LearningRate) rule() Rule {
	return stepOf(update.Scale, 1, nil, func(step int, dst []float64) { dst[0] = s.Rate(step) })
}

func (s LearningRate) lr(step int) float64 { return s.Rate(step) } // which Start has checked

func scaleAll(u []*tensor.Dense, a float64) {
	for _, t := range u {
		switch t.Dtype() {
		case tensor.Float32:
			update.Multiply(t.Float32s(), a)
		case tensor.Float64:
			update.Multiply(t.Float64s(), a)
		}
	}
}
