// Command compare trains one encoder twice, under MCR² and under cross-entropy,
// with the same initial values and the same batches, and compares what comes out.
//
//	go run ./examples/compare
//
// trains on the embedded digits and writes report.html, its figures,
// summary.json, and the logs and checkpoints of both runs to runs/compare. Run
// it with -help for the rest: other data and encoders, wrong labels, going on
// after Ctrl-C. With -preset cifar10 it repeats Experiment I of the tutorial, which
// takes weeks on two cores; with -preset mnist it trains a residual network for one
// epoch.
package main

import (
	"os"

	"github.com/whitebox-nn/whitebox/internal/experiment/compare"
)

func main() { os.Exit(compare.Main(os.Args[1:], os.Stdout, os.Stderr)) }
