package attention

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/tokenstats"
	"github.com/whitebox-nn/whitebox/op"
)

// Statistics returns attention by token statistics, of heads of p = d/h numbers,
//
//	−w ∘ Π/(1 + m),   Π = softmax over heads of tempₕ Σₚ w²/Σₙw²,   m = ΣₙΠw²/(ΣₙΠ + 1e-8)
//
// Shapes: w and out b×n×d, temp h. Differentiable in both. Cost: linear in n; no n×n numbers
// are made. Errors: heads that do not divide d, another length of temp (op.ErrInput). See
// package internal/op/tokenstats.
//
// Reference: Wu et al. Token statistics transformer. ICLR 2025.
func Statistics(w, temp *gorgonia.Node, heads int) (*gorgonia.Node, error) {
	return op.Apply(tokenstats.Statistics{Heads: heads}, w, temp)
}
