package backend_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/backend"
)

// stock runs Mul of stock Gorgonia and the gradient of its sum on a tape machine.
func stock(t *testing.T, m, k, n int, x, y []float32) (product, dx []float32) {
	g := gorgonia.NewGraph()
	a := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName("a"), gorgonia.WithShape(m, k),
		gorgonia.WithValue(tensor.New(tensor.WithShape(m, k), tensor.WithBacking(append([]float32(nil), x...)))))
	b := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName("b"), gorgonia.WithShape(k, n),
		gorgonia.WithValue(tensor.New(tensor.WithShape(k, n), tensor.WithBacking(append([]float32(nil), y...)))))
	c, err := gorgonia.Mul(a, b)
	require.NoError(t, err)
	sum, err := gorgonia.Sum(c)
	require.NoError(t, err)
	var cv gorgonia.Value
	gorgonia.Read(c, &cv)
	_, err = gorgonia.Grad(sum, a)
	require.NoError(t, err)
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(a))
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	da, err := a.Grad()
	require.NoError(t, err)
	return append([]float32(nil), cv.Data().([]float32)...), append([]float32(nil), da.Data().([]float32)...)
}

// TestUseFastBLASGivesStockGorgoniaOurProduct: integers, so that both products are
// exact, and equal.
func TestUseFastBLASGivesStockGorgoniaOurProduct(t *testing.T) {
	before := gorgonia.WhichBLAS()
	defer gorgonia.Use(before)
	r := rand.New(rand.NewPCG(1, 2))
	const m, k, n = 67, 130, 45
	x, y := make([]float32, m*k), make([]float32, k*n)
	for i := range x {
		x[i] = float32(r.IntN(9) - 4)
	}
	for i := range y {
		y[i] = float32(r.IntN(9) - 4)
	}
	product, dx := stock(t, m, k, n, x, y)
	backend.UseInGorgonia()
	require.NotEqual(t, before, gorgonia.WhichBLAS())
	require.NotEqual(t, before, tensor.WhichBLAS())
	fast, fastDX := stock(t, m, k, n, x, y)
	require.Equal(t, product, fast)
	require.Equal(t, dx, fastDX)
}

// TestFastBLASIsGonumsToTheLastArgument compares all transpositions and α, β, and
// that bad arguments panic alike.
func TestFastBLASIsGonumsToTheLastArgument(t *testing.T) {
	before := gorgonia.WhichBLAS()
	defer gorgonia.Use(before)
	backend.UseInGorgonia()
	fast, slow := gorgonia.WhichBLAS(), gonum.Implementation{}
	x := make([]float64, 400)
	for i := range x {
		x[i] = float64(i%7 - 3)
	}
	for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
		for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			for _, s := range [][3]int{{5, 6, 7}, {0, 6, 7}, {5, 0, 7}, {5, 6, 0}, {1, 1, 1}} {
				for _, alpha := range []float64{0, 2} {
					want, got := append([]float64(nil), x...), append([]float64(nil), x...)
					slow.Dgemm(tA, tB, s[0], s[1], s[2], alpha, x, 9, x[3:], 10, -1, want, 8)
					fast.Dgemm(tA, tB, s[0], s[1], s[2], alpha, x, 9, x[3:], 10, -1, got, 8)
					require.Equal(t, want, got)
				}
			}
		}
	}
	message := func(b gorgonia.BLAS, f func(b gorgonia.BLAS)) (said any) {
		defer func() { said = recover() }()
		f(b)
		return nil
	}
	for name, f := range map[string]func(b gorgonia.BLAS){
		"short": func(b gorgonia.BLAS) {
			b.Dgemm(blas.NoTrans, blas.NoTrans, 10, 10, 10, 1, x[:99], 10, x, 10, 0, x,
				10)
		},
		"narrow": func(b gorgonia.BLAS) { b.Dgemm(blas.NoTrans, blas.NoTrans, 10, 10, 10, 1, x, 9, x, 10, 0, x, 10) },
		"transpose": func(b gorgonia.BLAS) {
			b.Sgemm('x', blas.NoTrans, 1, 1, 1, 1, []float32{1}, 1, []float32{1}, 1, 0, []float32{1}, 1)
		},
	} {
		want := message(slow, f)
		require.NotNil(t, want, name)
		require.Equal(t, want, message(fast, f), name)
	}
}
