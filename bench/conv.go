package main

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// convolutions are of 3×3 filters, as ResNets have the most of.
func convolutions(of func(int) int) []workload { return []workload{conv3x3(of(8), of(64), of(32))} }

// conv3x3 is the convolution of a batch of images of side×side with as many filters as
// channels, forward, padded to the same size.
func conv3x3(batch, channels, side int) workload {
	return workload{name: fmt.Sprintf("conv3x3_%d_%dx%d_b%d", channels, side, side, batch), runs: 15,
		prepare: func(o nn.Options) (run, free func() error, err error) {
			defer build.Catch(&err, "build")
			g := nn.NewGraph(nn.Eval)
			x := build.Must(normal(g, "x", batch, channels, side, side))
			w := build.Must(normal(g, "w", channels, channels, 3, 3))
			y := build.Must(conv.Conv2D(x, w, nil, conv.Geometry{Stride: conv.Pair(1), Padding: conv.Pair(1)}))
			build.Check(g.Probe("y", y))
			return program(nn.Compile(g, nn.Outputs{}, o))
		}}
}
