package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/matmul"
	"github.com/whitebox-nn/whitebox/op"
)

// MatMul returns op(a) op(b), where op transposes if the flag of its operand is
// set.
//
// Shapes: op(a) m×k, op(b) k×n, out m×n. Differentiable in both. Errors: sides
// that do not meet (ErrInput). Cost: 2mkn flops, 4mkn for the gradients; see
// package matmul.
func MatMul(a, b *gorgonia.Node, transA, transB bool) (*gorgonia.Node, error) {
	return op.Apply(matmul.MatMul{TransA: transA, TransB: transB}, a, b)
}
