package sparse_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// Two atoms explain the sample exactly; orthogonal matching pursuit finds which, and their coefficients.
func ExampleOMP() {
	a := mat.NewDense(3, 4, []float64{
		1, 0, 0, 0.6,
		0, 1, 0, 0,
		0, 0, 1, 0.8,
	})
	z, err := sparse.OMP{Sparsity: 2}.Solve(matrix(a), mat.NewDense(1, 3, []float64{1.2, 1, 1.6})) // a₂ + 2a₄
	fmt.Printf("%.4f %v\n", z.RawRowView(0), err)
	// Output: [0.0000 1.0000 0.0000 2.0000] <nil>
}

// With the identity for A, the problem is denoising: total variation leaves two levels, each nearer to the other one
// by λ over its length.
func ExampleTV() {
	identity := mat.NewDense(6, 6, nil)
	for i := range 6 {
		identity.Set(i, i, 1)
	}
	noisy := mat.NewDense(1, 6, []float64{0.1, -0.1, 0, 3.1, 2.9, 3})
	s, err := sparse.FISTA{}.Solve(sparse.Problem{A: matrix(identity), X: noisy, Penalty: sparse.TV{}, Lambda: 0.3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", s.Z.RawRowView(0))
	// Output: [0.100 0.100 0.100 2.900 2.900 2.900]
}

// The proximal operator of the group norm makes groups shorter: that of norm 5 by 1, and that of norm 0.5 to 0.
func ExampleGroupL1() {
	u := make([]float64, 4)
	sparse.GroupL1{Size: 2}.Prox(u, []float64{3, 4, 0.3, 0.4}, 1)
	fmt.Printf("%.1f\n", u)
	// Output: [2.4 3.2 0.0 0.0]
}

// The codes of the samples of a dictionary of two atoms, which is learned from them.
func ExampleMiniBatchDictionaryLearning() {
	x := mat.NewDense(40, 3, nil)
	for i := range 40 {
		if c := float64(1 + i%4); i%8 < 4 {
			x.SetRow(i, []float64{0.6 * c, 0.8 * c, 0})
		} else {
			x.SetRow(i, []float64{0, 0, -c})
		}
	}
	learned, err := sparse.MiniBatchDictionaryLearning{
		Learning: sparse.Learning{Atoms: 2, Seed: 3},
		Lambda:   0.01,
	}.Learn(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	planted := mat.NewDense(3, 2, []float64{0.6, 0, 0.8, 0, 0, 1})
	share, err := sparse.Recovery(learned.D, planted, 0.99)
	fmt.Println(share, err)
	// Output: 1 <nil>
}

// One filter of 2×2 on images of 3×3 pixels: codes are 2×2, and an image is what the filter adds up to.
func ExampleConvolution() {
	a, err := sparse.NewConvolution(mat.NewDense(1, 4, []float64{1, 2, 3, 4}), 1, 3, 3, 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	image := make([]float64, 9)
	a.Apply(image, []float64{1, 0, 0, 10}, 1)
	fmt.Println(image)
	// Output: [1 2 0 3 14 20 0 30 40]
}
