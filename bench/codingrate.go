package main

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// codingRates are MCR² of few classes and many, of few samples and many.
func codingRates(of func(int) int) (ws []workload) {
	for _, s := range [][3]int{{1000, 128, 10}, {1000, 128, 100}, {4096, 512, 10}, {65536, 512, 10},
		{50000, 512, 1000}, {8192, 2048, 10}} {
		ws = append(ws, mcr2(tensor.Float32, of(s[0]), of(s[1]), of(s[2])))
	}
	return ws
}

// mcr2 is the value of the MCR² loss and its gradient by the features: m
// samples, d features, k classes, ε² = 0.5.
func mcr2(dt tensor.Dtype, m, d, k int) workload {
	return workload{name: fmt.Sprintf("mcr2_%dx%dx%d", m, d, k),
		prepare: func(o nn.Options) (run, free func() error, err error) {
			g := nn.NewGraph(nn.Train)
			z, err := nn.NewParam("z", dt, m, d)
			if err != nil {
				return nil, nil, err
			}
			if err := (initializer.Normal{Std: 1}).Fill(z, nn.Rand(0, "z")); err != nil {
				return nil, nil, err
			}
			if dt == tensor.Float64 {
				normalizeRows(z.Value.Float64s(), d)
			} else {
				normalizeRows(z.Value.Float32s(), d)
			}
			bound, err := g.Bind(z)
			if err != nil {
				return nil, nil, err
			}
			y, err := labelsOf(g, dt, m, k)
			if err != nil {
				return nil, nil, err
			}
			loss, err := losses.MCR2{Classes: k, Eps2: 0.5}.Loss(g, bound, y)
			if err != nil {
				return nil, nil, err
			}
			return program(nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{z}}, o))
		}}
}
