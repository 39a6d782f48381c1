// Package attention lets the tokens of a sequence meet: scaled dot-product attention, and
// attention by token statistics.
package attention

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/attention"
	"github.com/whitebox-nn/whitebox/op"
)

// Options of attention; the zero value but for Heads is the usual one.
type Options struct {
	Heads  int     // h, which divides the numbers of a token
	Scale  float64 // s; 0 is 1/√p, p being the numbers of a head
	Causal bool    // token i meets the tokens up to i
}

func (o Options) op(form attention.Form) attention.Attention {
	return attention.Attention{Heads: o.Heads, Scale: o.Scale, Causal: o.Causal, Form: form}
}

// Attend returns scaled dot-product attention by heads,
//
//	outₕ = softmax(s QₕKₕᵀ) Vₕ
//
// of whose d numbers a token gives each head p = d/h neighbours.
//
// Shapes: q b×m×d, k b×n×d, v b×n×e; out b×m×e. Differentiable in all. Errors: sizes that
// do not fit, heads that do not divide d and e, a causal mask with m ≠ n (op.ErrInput).
// Cost: 4bmn(d+e)/2 flops, 2.5 times that for the gradients; memory is linear in m and n,
// as no scores are kept. See package internal/op/attention.
func Attend(q, k, v *gorgonia.Node, o Options) (*gorgonia.Node, error) {
	return op.Apply(o.op(attention.Separate), q, k, v)
}

// QKV is Attend for q, k and v that lie behind each other in each token, as one projection
// leaves them: nothing is copied, and the gradient comes in one piece. Shapes: qkv b×n×3d,
// out b×n×d.
func QKV(qkv *gorgonia.Node, o Options) (*gorgonia.Node, error) {
	return op.Apply(o.op(attention.Packed), qkv)
}

// Subspace is Attend with one w for q, k and v, as multi-head subspace self-attention has
// it: w = (UₖᵀZ) of all heads. Shapes: w and out b×n×d.
//
// Reference: Yu et al. White-box transformers via sparse rate reduction. NeurIPS 2023.
func Subspace(w *gorgonia.Node, o Options) (*gorgonia.Node, error) {
	return op.Apply(o.op(attention.Shared), w)
}
