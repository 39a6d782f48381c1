package subspace_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// A matrix of rank 1 in which one entry is wrong: the entry is found, and what it was.
func ExampleRobustPCA() {
	x := mat.NewDense(20, 20, nil)
	x.Apply(func(i, j int, _ float64) float64 { return float64(1+i%3) * float64(1+j%2) }, x)
	x.Set(4, 7, 100) // it was 4
	parts, err := subspace.RobustPCA{}.Fit(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("rank %d, %.3f + %.3f\n", parts.Rank, parts.Low.At(4, 7), parts.Sparse.At(4, 7))
	// Output: rank 1, 4.000 + 96.000
}

// Two pairs of vertices with large weights within and small ones between.
func ExampleSpectral() {
	w := mat.NewSymDense(4, []float64{
		0, 1, 0.1, 0,
		1, 0, 0, 0.1,
		0.1, 0, 0, 1,
		0, 0.1, 1, 0,
	})
	groups, err := subspace.Spectral{Groups: 2}.Fit(w)
	fmt.Println(groups, err)
	// Output: [0 0 1 1] <nil>
}

// New samples belong to the group whose centre is nearest.
func ExampleCentres_Predict() {
	x := mat.NewDense(4, 2, []float64{0, 0, 0, 2, 10, 0, 10, 2})
	c, err := subspace.KMeans{Groups: 2}.Fit(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	groups, err := c.Predict(mat.NewDense(2, 2, []float64{9, 9, 1, 1}))
	fmt.Println(c.Labels, groups, err)
	// Output: [0 0 1 1] [1 0] <nil>
}

// Samples that come in parts, of which none has to be kept.
func ExampleIncrementalPCA() {
	s := &subspace.IncrementalPCA{Dim: 1}
	for _, part := range [][]float64{{1, 2, 2, 4}, {3, 6, 4, 8}} {
		if err := s.Update(mat.NewDense(2, 2, part)); err != nil {
			fmt.Println(err)
			return
		}
	}
	c, err := s.Components()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("direction (%.4f, %.4f), variance %.4f\n", c.Basis.At(0, 0), c.Basis.At(1, 0), c.Variances[0])
	// Output: direction (0.4472, 0.8944), variance 8.3333
}

// A graph in memory for its edges alone.
func ExampleNewGraph() {
	g := subspace.NewGraph(mat.NewSymDense(4, []float64{
		0, 1, 0, 0,
		1, 0, 0, 0,
		0, 0, 0, 1,
		0, 0, 1, 0,
	}))
	groups, err := subspace.Spectral{Groups: 2}.Fit(g)
	fmt.Println(g.Edges(), groups, err)
	// Output: 4 [0 0 1 1] <nil>
}
