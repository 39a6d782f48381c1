// Command redunet constructs a ReduNet from labelled data, without
// back-propagation, and measures what its features are good for.
//
//	go run ./examples/redunet [-preset NAME] [-data gaussians|iris|mnist|digits]
//
// The default, preset gaussian2d, unrolls 2000 steps of gradient ascent on the rate
// reduction of two Gaussians, whose optimum is known. It writes report.html, its
// figures, summary.json and the network to runs/redunet. Run it with -help for the
// presets of the paper and the rest, as going on after Ctrl-C.
package main

import (
	"os"

	"github.com/whitebox-nn/whitebox/internal/experiment/redunet"
)

func main() { os.Exit(redunet.Main(os.Args[1:], os.Stdout, os.Stderr)) }
