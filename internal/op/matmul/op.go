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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// MatMul is the kernel of op(A) op(B): inputs A and B of rank 2, output m×n.
type MatMul struct {
	TransA, TransB bool
}

var _ opkit.Differentiable = MatMul{}

func (MatMul) Ranks() (in []int, out int) { return []int{2, 2}, 2 }

func (MatMul) Wrt() []bool { return []bool{true, true} }

func (k MatMul) Shape(in []tensor.Shape) (tensor.Shape, error) {
	m, inner, n := k.dims(in)
	if other := k.innerOfB(in[1]); inner != other {
		return nil, errors.Wrapf(opkit.ErrInput, "matmul: op(A) of %v has %d columns but op(B) of %v has %d rows", in[0], inner, in[1], other)
	}
	return tensor.Shape{m, n}, nil
}

// dims returns the sides of the product: m×k times k×n.
func (k MatMul) dims(in []tensor.Shape) (m, inner, n int) {
	m, inner = in[0][0], in[0][1]
	if k.TransA {
		m, inner = inner, m
	}
	n = in[1][1]
	if k.TransB {
		n = in[1][0]
	}
	return m, inner, n
}

func (k MatMul) innerOfB(b tensor.Shape) int {
	if k.TransB {
		return b[1]
	}
	return b[0]
}

func (k MatMul) FLOPs(in []tensor.Shape) int64 {
	m, inner, n := k.dims(in)
	return 2 * int64(m) * int64(inner) * int64(n)
}

func (k MatMul) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	a, b := in[0], in[1]
	var da, db *gorgonia.Node
	var err error
	if k.TransA {
		da, err = opkit.Apply(MatMul{k.TransB, true}, b, dout) // op(B) Dᵀ
	} else {
		da, err = opkit.Apply(MatMul{false, !k.TransB}, dout, b) // D op(B)ᵀ
	}
	if err != nil {
		return nil, err
	}
	if k.TransB {
		db, err = opkit.Apply(MatMul{true, k.TransA}, dout, a) // Dᵀ op(A)
	} else {
		db, err = opkit.Apply(MatMul{!k.TransA, false}, a, dout) // op(A)ᵀ D
	}
	return gorgonia.Nodes{da, db}, err
}

func (k MatMul) Bind32(a *opkit.Args[float32]) opkit.Run { return bind(k, a) }

func (k MatMul) Bind64(a *opkit.Args[float64]) opkit.Run { return bind(k, a) }
