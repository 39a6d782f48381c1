package redunet

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// bindFactored stores α z and subtracts α w B, class by class: bound by arithmetic
// where classes have many rows, by memory where they have few.
func bindFactored[T op.Float](k FactoredMaps, a *op.Args[T]) op.Run {
	starts, _ := k.starts()
	g := geometry{1, a.Shapes[0][0], len(starts) - 1, a.Shapes[0][1]}
	d, r, ld := g.d, a.Shapes[1][1], (g.k+1)*g.d
	scaled := samples(a, g, func(i int) {
		for j, alpha := range a.In[4] {
			simd.Affine(u(g, a.Out, 0, i, j+1), alpha, z(g, a.In[0], 0, i), 0)
		}
	})
	return func() error {
		lin.Gemm(a.Pool, false, true, g.n, d, d, 1, a.In[0], d, a.In[2], d, 0, a.Out, ld)
		if err := scaled(); err != nil {
			return err
		}
		for j, alpha := range a.In[4] {
			lo, rows := starts[j], starts[j+1]-starts[j]
			lin.Gemm(a.Pool, false, false, g.n, d, rows, -alpha, a.In[1][lo:], r, a.In[3][lo*d:], d, 1, a.Out[(j+1)*d:],
				ld)
		}
		return nil
	}
}

func bindFactoredGradZ[T op.Float](_ factoredGradZ, a *op.Args[T]) op.Run {
	g := geometry{1, a.Shapes[0][0], a.Shapes[0][1] - 1, a.Shapes[0][2]}
	sum := samples(a, g, func(i int) {
		for j, alpha := range a.In[2] {
			simd.Axpy(z(g, a.Out, 0, i), alpha, u(g, a.In[0], 0, i, j+1))
		}
	})
	return func() error {
		lin.Gemm(a.Pool, false, false, g.n, g.d, g.d, 1, a.In[0], (g.k+1)*g.d, a.In[1], g.d, 0, a.Out, g.d)
		return sum()
	}
}

func bindFactoredGradW[T op.Float](k factoredGradW, a *op.Args[T]) op.Run {
	starts, _ := k.Of.starts()
	n, d, r := a.Shapes[0][0], a.Shapes[0][2], a.Shapes[1][0]
	ld := len(starts) * d
	return func() error {
		for j, alpha := range a.In[2] {
			lo, rows := starts[j], starts[j+1]-starts[j]
			lin.Gemm(a.Pool, false, true, n, rows, d, -alpha, a.In[0][(j+1)*d:], ld, a.In[1][lo*d:], d, 0, a.Out[lo:],
				r)
		}
		return nil
	}
}

func bindFactoredGradB[T op.Float](k factoredGradB, a *op.Args[T]) op.Run {
	starts, _ := k.Of.starts()
	n, d, r := a.Shapes[0][0], a.Shapes[0][2], a.Shapes[1][1]
	ld := len(starts) * d
	return func() error {
		for j, alpha := range a.In[2] {
			lo, rows := starts[j], starts[j+1]-starts[j]
			lin.Gemm(a.Pool, true, false, rows, d, n, -alpha, a.In[1][lo:], r, a.In[0][(j+1)*d:], ld, 0, a.Out[lo*d:],
				d)
		}
		return nil
	}
}

func bindFactoredGradAlpha[T op.Float](_ factoredGradAlpha, a *op.Args[T]) op.Run {
	g := geometry{1, a.Shapes[0][0], a.Shapes[0][1] - 1, a.Shapes[0][2]}
	return func() error {
		for j, alpha := range a.In[2] {
			sum := 0.0
			for i := range g.n {
				sum += float64(simd.Dot(u(g, a.In[0], 0, i, j+1), u(g, a.In[1], 0, i, j+1)))
			}
			a.Out[j] = T(sum) / alpha
		}
		return nil
	}
}
