// Command clustering groups samples of three subspaces by lossy compression, which finds the number of groups, and
// compares the result with k-means, which is given that number.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/subspace"
)

func main() {
	set := must(data.Subspaces(data.SubspacesConfig{Classes: 3, Dim: 8, Rank: 2, PerClass: 80, Noise: 0.01, Seed: 3}))
	x := must(set.Matrix())

	byBits := must(coding.Clustering{Eps2: 0.04}.Fit(context.Background(), x))
	fmt.Printf("by coding length: %d groups, %.1f %% of the samples in the right one\n",
		byBits.Groups, 100*must(metrics.ClusterAccuracy(byBits.Labels, set.Labels())))

	byCentres := must(subspace.KMeans{Groups: 3}.Fit(x))
	fmt.Printf("by k-means:       3 groups, %.1f %% of the samples in the right one\n",
		100*must(metrics.ClusterAccuracy(byCentres.Labels, set.Labels())))

	fmt.Printf("the code is %.0f bits long, and %.0f if the samples are coded together\n",
		byBits.Bits, must(coding.Length(x, 0.04)))
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
