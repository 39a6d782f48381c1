// Command denoise learns a dictionary of image patches, takes noise out of images
// with it, and recovers images from fewer measurements than they have pixels.
//
//	go run ./examples/denoise [-method mod|ksvd|online] [-data digits|mnist] [-sigma 0.2]
//
// learns from the patches of clean training images, writes each patch of noisy
// test images as a few atoms, and averages where patches overlap. Then it measures
// blocks of the images with a random matrix and recovers them with the dictionary, by
// solvers and by networks that are unrolled from them and trained. It writes
// report.html, its figures, summary.json and the dictionary to runs/denoise. Run
// it with -help for the rest.
package main

import (
	"os"

	"github.com/whitebox-nn/whitebox/internal/experiment/denoise"
)

func main() { os.Exit(denoise.Main(os.Args[1:], os.Stdout, os.Stderr)) }
