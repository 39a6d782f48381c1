package conformance

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// schedule returns the learning rate of a case; its scheduler steps after each
// update. Which one it is the settings tell, by torch's names for them.
func schedule(p Params) (optim.Schedule, error) {
	var lr, size, tMax, etaMin, total, start, factor, power, warmup float64
	gamma, end := 0.1, 1.0
	err := numbers(p, map[string]*float64{
		"lr": &lr, "step_size": &size, "t_max": &tMax, "T_max": &tMax, "eta_min": &etaMin, "gamma": &gamma,
		"total_iters": &total, "start_factor": &start, "end_factor": &end, "factor": &factor, "power": &power,
		"warmup": &warmup,
	})
	if err != nil {
		return nil, err
	}
	milestones, err := p.Floats("milestones")
	if err != nil {
		return nil, err
	}
	s := optim.Constant(lr)
	switch {
	case milestones != nil:
		at := make([]int, len(milestones))
		for i, m := range milestones {
			at[i] = int(m)
		}
		s = optim.MultiStep(lr, at, gamma)
	case size > 0:
		s = optim.Step(lr, int(size), gamma)
	case tMax > 0:
		s = optim.CosineAnnealing(lr, int(tMax), etaMin)
	case power > 0:
		s = optim.Polynomial(lr, int(total), power)
	case start > 0:
		s = ramp(lr, start, end, total)
	case factor > 0:
		s = optim.MultiStep(lr*factor, []int{int(total)}, 1/factor)
	case p["gamma"] != nil:
		s = optim.Step(lr, 1, gamma)
	}
	if warmup > 0 {
		s = optim.LinearWarmup(int(warmup), s)
	}
	return s, nil
}

// ramp is torch's LinearLR: lr times a factor that goes from start to end.
func ramp(lr, start, end, total float64) optim.Schedule {
	return func(t int) float64 {
		return lr * (start + (end-start)*min(float64(t-1), total)/total)
	}
}

// transforms returns what a case does to gradients before the rule.
func transforms(p Params) (before []optim.Transform, err error) {
	var norm, value float64
	err = numbers(p, map[string]*float64{"max_norm": &norm, "clip_norm": &norm, "clip_value": &value})
	if err != nil {
		return nil, err
	}
	ascend, err := p.Bool("maximize")
	if err != nil {
		return nil, err
	}
	if more, err := p.Bool("amsgrad"); err != nil || more {
		return nil, errors.Wrap(ErrUnsupported, "amsgrad")
	}
	if norm > 0 {
		before = append(before, optim.ClipNorm{Max: norm})
	}
	if value > 0 {
		before = append(before, optim.ClipValue{Max: value})
	}
	if ascend {
		before = append(before, negate{})
	}
	return before, nil
}

// negate is the transform of those who maximize.
type negate struct{}

// Update implements optim.Transform.
func (negate) Update(_ int, u []*tensor.Dense, _ []*nn.Param) error {
	for _, t := range u {
		values, err := nn.Floats(nil, t)
		if err != nil {
			return err
		}
		for i := range values {
			values[i] *= -1
		}
		if err := nn.SetFloats(t, values); err != nil {
			return err
		}
	}
	return nil
}
