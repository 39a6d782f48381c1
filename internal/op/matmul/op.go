// Package matmul is the matrix product.
//
//	C = op(A) op(B)        op(X) = X or Xᵀ
//
// # Method
//
// lin.Gemm reads transposed operands where they lie: no copy is made.
//
// # Gradient
//
// With D = ∂L/∂C,
//
//	C = A B      ∂A = D Bᵀ     ∂B = Aᵀ D
//	C = Aᵀ B     ∂A = B Dᵀ     ∂B = A D
//	C = A Bᵀ     ∂A = D B      ∂B = Dᵀ A
//	C = Aᵀ Bᵀ    ∂A = Bᵀ Dᵀ    ∂B = Dᵀ Aᵀ
//
// Each is again a product of this package.
//
// # Numerics
//
// 2mnk flops on mk + kn + mn numbers: bound by arithmetic but for the thinnest
// shapes. Sums run in the graph's dtype.
//
// # References
//
// Goto, van de Geijn. Anatomy of high-performance matrix multiplication. ACM
// TOMS 2008, for the method of lin.Gemm.
package matmul

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// MatMul is the op op(A) op(B): inputs A and B of rank 2, output m×n.
type MatMul struct {
	TransA, TransB bool
}

// Spec implements op.Op.
func (k MatMul) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{2, 2}, Shape: k.shape, Grad: k.grad, Kernel: op.Both(k, bind, bind),
		FLOPs: func(in []tensor.Shape) int64 {
			m, inner, n := k.dims(in)
			return 2 * int64(m) * int64(inner) * int64(n)
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			m, inner, n := k.dims(a.Shapes)
			return a.Gemm(launch.Gemm{Double: a.Double(), TransA: k.TransA, TransB: k.TransB, M: m, N: n, K: inner,
				Alpha: 1,
				A:     a.In[0], LDA: a.Shapes[0][1], B: a.In[1], LDB: a.Shapes[1][1], C: a.Out, LDC: n})
		},
	}
}

func bind[T op.Float](k MatMul, a *op.Args[T]) op.Run {
	m, inner, n := k.dims(a.Shapes)
	return func() error {
		lin.Gemm(a.Pool, k.TransA, k.TransB, m, n, inner, 1, a.In[0], a.Shapes[0][1], a.In[1], a.Shapes[1][1], 0, a.Out,
			n)
		return nil
	}
}

func (k MatMul) shape(in []tensor.Shape) (tensor.Shape, error) {
	m, inner, n := k.dims(in)
	other := in[1][0]
	if k.TransB {
		other = in[1][1]
	}
	if inner != other {
		return nil, op.Errorf("matmul: op(A) of %v has %d columns but op(B) of %v has %d rows", in[0], inner, in[1],
			other)
	}
	return tensor.Shape{m, n}, nil
}

// dims returns the sides of the product: m×k times k×n.
func (k MatMul) dims(in []tensor.Shape) (m, inner, n int) {
	m, inner, n = in[0][0], in[0][1], in[1][1]
	if k.TransA {
		m, inner = inner, m
	}
	if k.TransB {
		n = in[1][0]
	}
	return m, inner, n
}

func (k MatMul) grad(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
	a, b := in[0], in[1]
	product := func(transA, transB bool, x, y *gorgonia.Node) *gorgonia.Node {
		return op.Must(op.Apply(MatMul{transA, transB}, x, y))
	}
	switch {
	case k.TransA && k.TransB:
		return gorgonia.Nodes{product(true, true, b, dout), product(true, true, dout, a)}
	case k.TransA:
		return gorgonia.Nodes{product(false, true, b, dout), product(false, false, a, dout)}
	case k.TransB:
		return gorgonia.Nodes{product(false, false, dout, b), product(true, false, dout, a)}
	}
	return gorgonia.Nodes{product(false, true, dout, b), product(true, false, a, dout)}
}
