package main

import (
	"context"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
)

// reduNet is the construction of a ReduNet of that many layers from n samples of
// standard normal draws: η = 0.5, ε² = 0.1, λ = 500.
func reduNet(name string, n, layers, classes int, shape ...int) workload {
	return workload{name: name, runs: 3, host: true, prepare: func(o nn.Options) (run, free func() error, err error) {
		x, err := nn.NewParam("x", tensor.Float32, append([]int{n}, shape...)...)
		if err != nil {
			return nil, nil, err
		}
		if err := (nn.Normal{Std: 1}).Fill(x, nn.Rand(0, "x")); err != nil {
			return nil, nil, err
		}
		labels := make([]int, n)
		for i := range labels {
			labels[i] = i % classes
		}
		set, err := data.New(x.Value.Float32s(), 1, shape, labels, classes)
		if err != nil {
			return nil, nil, err
		}
		cfg := redunet.Config{Net: models.ReduNetConfig{Layers: layers, Shape: shape}, Workers: o.Workers}
		return func() error {
			_, _, err := redunet.Build(context.Background(), set, cfg)
			return err
		}, func() error { return nil }, nil
	}}
}

func reduNets() []workload {
	var ws []workload
	for _, d := range []int{128, 784} {
		ws = append(ws, reduNet(fmt.Sprintf("redunet_build_d%d_l4", d), 1000, 4, 10, d))
	}
	return append(ws, reduNet("redunet2d_build_c15_28x28_l2", 100, 2, 10, 15, 28, 28))
}
