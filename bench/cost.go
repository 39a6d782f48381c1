package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
)

// costs prints how the time of R and its gradient grows: with n·d² + d³, of which
// the Gram matrix and the product are the first, the factor and the inverse the second.
func costs(w io.Writer, c clock, threads int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "R and ∂R/∂Z\tn\td\tms\tflops\tGFLOP/s\t")
	for _, s := range [][2]int{{1024, 64}, {1024, 128}, {1024, 256}, {1024, 512}, {1024, 1024}, {2048, 256},
		{4096, 256}, {8192, 256}, {16384, 256}} {
		n, d := s[0], s[1]
		run, free, err := rate(n, d, threads)
		if err != nil {
			return err
		}
		if err := run(); err != nil {
			return err
		}
		seconds := c.least(7, func() { err = run() })
		if err != nil {
			return err
		}
		// Gram matrix and factor; inverse and product.
		flops := 3*float64(n)*float64(d)*float64(d) + float64(d)*float64(d)*float64(d)
		fmt.Fprintf(t, "\t%d\t%d\t%.3f\t%.2e\t%.0f\t\n", n, d, seconds*1e3, flops, flops/seconds/1e9)
		if err := free(); err != nil {
			return err
		}
	}
	return t.Flush()
}

// rate is R of n×d features and its gradient.
func rate(n, d, threads int) (run, free func() error, err error) {
	g := nn.NewGraph(nn.Train)
	z, err := parameter("z", n, d)
	if err != nil {
		return nil, nil, err
	}
	node, err := g.Bind(z)
	if err != nil {
		return nil, nil, err
	}
	r, err := codingrate.Rate(node, 0.5)
	if err != nil {
		return nil, nil, err
	}
	return program(nn.Compile(g, nn.Outputs{Loss: r, Wrt: []*nn.Param{z}}, nn.Options{Workers: threads}))
}
