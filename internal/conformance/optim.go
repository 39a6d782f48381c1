package conformance

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// A makeOptimizer returns the optimizer that a case's settings ask for.
type makeOptimizer func(p Params, params []*nn.Param, lr optim.Schedule, before []optim.Transform) (*optim.Optimizer,
	error)

// trajectory returns the check that replays the gradients of a torch.optim run.
func trajectory(build makeOptimizer) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		var p0, grads, want Tensor
		for name, t := range map[string]*Tensor{"p0": &p0, "grads": &grads, "trajectory": &want} {
			var err error
			if *t, err = r.tensor(name); err != nil {
				return nil, err
			}
		}
		size := len(p0.Data)
		if size == 0 || len(grads.Data)%size != 0 || len(want.Data) != len(grads.Data) {
			return nil, errors.Errorf("gradients %v and trajectory %v do not fit a parameter %v", grads.Shape,
				want.Shape, p0.Shape)
		}
		p, err := nn.NewParam("p", dt, p0.Shape...)
		if err != nil {
			return nil, err
		}
		if err := nn.SetFloats(p.Value, p0.Data); err != nil {
			return nil, err
		}
		lr, err := schedule(r.Params)
		if err != nil {
			return nil, err
		}
		before, err := transforms(r.Params)
		if err != nil {
			return nil, err
		}
		o, err := build(r.Params, []*nn.Param{p}, lr, before)
		if err != nil {
			return nil, err
		}
		got, err := replay(o, p, grads.Data)
		return []comparison{{"trajectory", got, want.Data}}, err
	}
}

// replay returns the parameter after each of the gradients, one behind the other.
func replay(o *optim.Optimizer, p *nn.Param, grads []float64) (after []float64, err error) {
	grad := tensor.New(tensor.WithShape(p.Value.Shape()...), tensor.Of(p.Value.Dtype()))
	for size := p.Value.Shape().TotalSize(); len(grads) > 0; grads = grads[size:] {
		if err := nn.SetFloats(grad, grads[:size]); err != nil {
			return nil, err
		}
		if err := o.Step([]*tensor.Dense{grad}); err != nil {
			return nil, err
		}
		now, err := nn.Floats(nil, p.Value)
		if err != nil {
			return nil, err
		}
		after = append(after, now...)
	}
	return after, nil
}

// numbers reads parameters of a case; those it does not set keep their values.
func numbers(p Params, into map[string]*float64) error {
	for name, v := range into {
		var err error
		if *v, err = p.Float(name, *v); err != nil {
			return err
		}
	}
	return nil
}

func sgd(p Params, params []*nn.Param, lr optim.Schedule, before []optim.Transform) (*optim.Optimizer, error) {
	var c optim.SGD
	var err error
	if c.Nesterov, err = p.Bool("nesterov"); err != nil {
		return nil, err
	}
	err = numbers(p, map[string]*float64{"momentum": &c.Momentum, "dampening": &c.Dampening,
		"weight_decay": &c.WeightDecay})
	if err != nil {
		return nil, err
	}
	return optim.NewSGD(params, lr, c, before...)
}

func adam(p Params, params []*nn.Param, lr optim.Schedule, before []optim.Transform) (*optim.Optimizer, error) {
	c, err := moments(p, 0)
	if err != nil {
		return nil, err
	}
	return optim.NewAdam(params, lr, c, before...)
}

func adamW(p Params, params []*nn.Param, lr optim.Schedule, before []optim.Transform) (*optim.Optimizer, error) {
	c, err := moments(p, 0.01)
	if err != nil {
		return nil, err
	}
	return optim.NewAdamW(params, lr, c, before...)
}

// moments reads the settings of Adam; what a case does not set is torch's default.
func moments(p Params, decay float64) (optim.Adam, error) {
	c := optim.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: decay}
	betas, err := p.Floats("betas")
	if err != nil {
		return c, err
	}
	if len(betas) == 2 {
		c.Beta1, c.Beta2 = max(betas[0], least), max(betas[1], least)
	}
	return c, numbers(p, map[string]*float64{"eps": &c.Eps, "weight_decay": &c.WeightDecay})
}
