package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/matmul"
	"github.com/whitebox-nn/whitebox/op"
)

// MatMul returns op(a) op(b), where op transposes, in its last two axes, if the flag of its
// operand is set.
//
// Shapes: op(a) …×m×k, op(b) …×k×n, out …×m×n. The axes before are those of stacks of
// matrices and are broadcast as in NumPy: a missing one counts as 1, and what has one matrix
// meets each of the other's; it is not copied, and its gradient is the sum. Differentiable in
// both. Errors: sides that do not meet (ErrInput). Cost: 2mkn flops a product, 4mkn for the
// gradients; see package matmul.
func MatMul(a, b *gorgonia.Node, transA, transB bool) (*gorgonia.Node, error) {
	if build.Rank(a) > 2 || build.Rank(b) > 2 {
		return op.Apply(matmul.Batched{TransA: transA, TransB: transB}, a, b)
	}
	return op.Apply(matmul.MatMul{TransA: transA, TransB: transB}, a, b)
}
