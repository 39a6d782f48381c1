package main

import (
	"context"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/redunet"
)

// reduNet is the construction of a ReduNet of that many layers from n samples of
// standard normal draws: η = 0.5, ε² = 0.1, λ = 500.
func reduNet(name string, n, layers, classes int, shape ...int) workload {
	return workload{name: name, runs: 3, prepare: func(o nn.Options) (run, free func() error, err error) {
		x, err := nn.NewParam("x", tensor.Float32, append([]int{n}, shape...)...)
		if err != nil {
			return nil, nil, err
		}
		if err := (initializer.Normal{Std: 1}).Fill(x, nn.Rand(0, "x")); err != nil {
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
		cfg := redunet.Config{Net: models.ReduNetConfig{Layers: layers, Shape: shape}, Workers: o.Workers,
			Device: o.Device}
		return func() error {
			_, _, err := redunet.Build(context.Background(), set, cfg)
			return err
		}, func() error { return nil }, nil
	}}
}

// reduNets are of sizes that of makes of the usual ones.
func reduNets(of func(int) int) []workload {
	var ws []workload
	for _, d := range []int{of(128), of(784)} {
		ws = append(ws, reduNet(fmt.Sprintf("redunet_build_d%d_l4", d), of(1000), 4, of(10), d))
	}
	c, side := of(15), of(28)
	return append(ws, reduNet(fmt.Sprintf("redunet2d_build_c%d_%dx%d_l2", c, side, side), of(100), 2, of(10), c, side,
		side))
}
