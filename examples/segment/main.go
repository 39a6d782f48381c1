// Command segment groups samples by lossy compression: it finds the partition that codes them in the fewest bits. The
// number of groups is not given.
//
//	go run ./examples/segment [-data mixture|subspaces|digits]
//
// It sweeps the distortion ε, chooses one where the number of groups stays the same,
// and compares the groups with those of k-means, sparse and elastic-net subspace
// clustering. It writes report.html, its figures and summary.json to runs/segment. Run
// it with -help for the rest.
package main

import (
	"os"

	"github.com/whitebox-nn/whitebox/internal/experiment/segment"
)

func main() { os.Exit(segment.Main(os.Args[1:], os.Stdout, os.Stderr)) }
