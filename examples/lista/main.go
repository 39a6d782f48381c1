// Command lista runs the benchmark of learned sparse coding: ISTA, FISTA and AMP
// beside the networks that are unrolled from them, on one problem of recovering
// sparse codes from measurements.
//
//	go run ./examples/lista
//
// draws a dictionary of 50×100, trains each network on fresh samples, and writes
// summary.json, figures, report.html, weights and checkpoints to runs/lista. Run it
// with -help for the rest: other sizes and noise, the papers' protocol, going on
// after Ctrl-C.
package main

import (
	"os"

	"github.com/whitebox-nn/whitebox/internal/experiment/lista"
)

func main() { os.Exit(lista.Main(os.Args[1:], os.Stdout, os.Stderr)) }
