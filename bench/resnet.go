package main

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// resnet18 is a network for 32×32 images, usually of width 64, with a linear layer
// from 8 times that to 128.
func resnet18(width int) (layers.Layer, error) {
	r, err := models.NewResNet(models.ResNetConfig{NoHead: true, Width: width})
	if err != nil {
		return nil, err
	}
	head, err := layers.NewLinear(layers.LinearConfig{Name: "head", In: r.Out(), Out: 128})
	return models.Classifier{Encoder: r, Head: head}, err
}

// resnets are a step and a forward pass.
func resnets(of func(int) int) []workload {
	return []workload{resnetStep(of(32), of(64)), resnetForward(of(32), of(64))}
}

// resnetStep is one step of SGD with momentum and weight decay on the cross-entropy
// of a ResNet-18.
func resnetStep(batch, width int) workload {
	return workload{name: fmt.Sprintf("resnet18_ce_step_b%d", batch),
		prepare: func(o nn.Options) (run, free func() error, err error) {
			m, err := resnet18(width)
			if err != nil {
				return nil, nil, err
			}
			p, err := resnetProgram(m, nn.Train, batch, o)
			if err != nil {
				return nil, nil, err
			}
			opt, err := optim.NewSGD(m.Params(), optim.Constant(0.01), optim.SGD{Momentum: 0.9, WeightDecay: 5e-4})
			if err != nil {
				return nil, nil, err
			}
			return func() error {
				if err := p.Run(); err != nil {
					return err
				}
				if err := opt.Step(p.Grads()); err != nil {
					return err
				}
				p.Commit()
				return nil
			}, p.Close, nil
		}}
}

// resnetForward is the network in evaluation.
func resnetForward(batch, width int) workload {
	return workload{name: fmt.Sprintf("resnet18_forward_b%d", batch),
		prepare: func(o nn.Options) (run, free func() error, err error) {
			m, err := resnet18(width)
			if err != nil {
				return nil, nil, err
			}
			return program(resnetProgram(m, nn.Eval, batch, o))
		}}
}

func resnetProgram(m layers.Layer, mode nn.Mode, batch int, o nn.Options) (p *nn.Program, err error) {
	defer build.Catch(&err, "build")
	g := nn.NewGraph(mode)
	x := build.Must(normal(g, "x", batch, 3, 32, 32))
	z := build.Must(m.Forward(g, x))
	out := nn.Outputs{}
	if mode == nn.Eval {
		out.Values = append(out.Values, z)
	} else {
		out.Loss = build.Must(losses.CrossEntropy{}.Loss(g, z, build.Must(labels(g, batch, 10))))
		out.Wrt = m.Params()
	}
	return nn.Compile(g, out, o)
}
