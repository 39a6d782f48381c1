// Package attention is scaled dot-product attention by heads.
//
//	outₕ = softmax(s Qₕ Kₕᵀ) Vₕ        s = 1/√p, or as given
//
// for each sequence and head h: tokens are rows, and of the d = h·p numbers of a token
// each head has p neighbours, so that no axis is moved. With a causal mask token i meets
// the tokens up to i.
//
// Q, K and V are three tensors, or one of which a token has all three behind each other,
// or one that is all three: subspace attention [2].
//
// # Method
//
// Blocks of queries meet all keys: a block of scores has as many columns as there are
// keys, its softmax is that of whole rows, and it is gone when the block is done. The
// gradient computes the scores again. So no n×n matrix is kept, and memory is linear in n.
// A causal block stops at its last token, which halves the work.
//
// # Gradient
//
// With D = ∂L/∂out and P = softmax(S), of each head and block of queries
//
//	dV += Pᵀ D,   dP = D Vᵀ,   dS = P ∘ (dP − rowsum(P ∘ dP)),
//	dQ = s dS K,  dK += s dSᵀ Q
//
// Blocks are added in their order by one worker, so that bits do not depend on how many
// there are.
//
// # Numerics
//
// 4n²p flops a head, 10n²p for the gradient: bound by products. Sums of a row of the
// softmax run in float64, products in the graph's dtype.
//
// # References
//
//  1. Vaswani et al. Attention is all you need. NeurIPS 2017.
//  2. Yu et al. White-box transformers via sparse rate reduction. NeurIPS 2023.
package attention

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Form is how Q, K and V come.
type Form int

// The forms.
const (
	Separate Form = iota // three inputs, Q b×m×d, K b×n×d, V b×n×e
	Packed               // one input b×n×3d, each token's q, k and v behind each other
	Shared               // one input b×n×d, which is Q, K and V
)

// Attention is the op; its output is b×m×e.
type Attention struct {
	Heads  int
	Scale  float64 // s; 0 is 1/√p
	Causal bool
	Form   Form
}

// grad is the op of the gradient: D and the inputs. Its output is as the input, or for
// three of them a vector of dQ, dK and dV.
type grad struct{ Of Attention }

// part is the op of the numbers of a vector from From on, in the shape of another input.
type part struct{ From int }

// Spec implements op.Op.
func (k Attention) Spec() op.Spec {
	return op.Spec{
		In: k.inputs(), Kernel: op.Both(k, bind, bind), Shape: k.shape, Grad: k.grad, Device: k.device,
		FLOPs: func(in []tensor.Shape) int64 { return k.sides(in).flops(2) },
	}
}

func (k Attention) inputs() []op.Input {
	if k.Form == Separate {
		return []op.Input{3, 3, 3}
	}
	return []op.Input{3}
}

func (k Attention) shape(in []tensor.Shape) (tensor.Shape, error) {
	x := in[0]
	if k.Heads < 1 || k.Scale-k.Scale != 0 || k.Scale < 0 {
		return nil, op.Errorf("attention: %d heads and a scale of %v, want at least 1, and 0 or more", k.Heads, k.Scale)
	}
	d, parts := x[2], 1
	if k.Form == Packed {
		parts = 3
	}
	if d%(parts*k.Heads) != 0 {
		return nil, op.Errorf("attention: a token has %d numbers, which %d heads of %d parts do not divide", d, k.Heads,
			parts)
	}
	if k.Form != Separate {
		return tensor.Shape{x[0], x[1], d / parts}, nil
	}
	key, value := in[1], in[2]
	switch {
	case key[0] != x[0] || value[0] != x[0] || key[2] != d:
		return nil, op.Errorf("attention: queries are %v, keys %v and values %v, want as many sequences, and keys as "+
			"long as queries", x, key, value)
	case key[1] != value[1] || value[2]%k.Heads != 0:
		return nil, op.Errorf("attention: %d keys but values %v, want as many, of a length that %d heads divide",
			key[1], value, k.Heads)
	case k.Causal && key[1] != x[1]:
		return nil, op.Errorf("attention: %d queries and %d keys with a causal mask, want as many", x[1], key[1])
	}
	return tensor.Shape{x[0], x[1], value[2]}, nil
}

func (k Attention) grad(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
	all := op.Must(op.Apply(grad{k}, append(gorgonia.Nodes{dout}, in...)...))
	if k.Form != Separate {
		return gorgonia.Nodes{all}
	}
	var grads gorgonia.Nodes
	from := 0
	for _, x := range in {
		grads = append(grads, op.Must(op.Apply(part{from}, all, x)))
		from += x.Shape().TotalSize()
	}
	return grads
}

func (k grad) Spec() op.Spec {
	return op.Spec{
		In: append([]op.Input{3}, k.Of.inputs()...), Kernel: op.Both(k, bindGrad, bindGrad), Device: k.device,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if k.Of.Form != Separate {
				return in[1].Clone(), nil
			}
			n := 0
			for _, x := range in[1:] {
				n += x.TotalSize()
			}
			return tensor.Shape{n}, nil
		},
		FLOPs: func(in []tensor.Shape) int64 { return k.Of.sides(in[1:]).flops(5) },
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			s := k.Of.sides(a.Shapes[1:])
			return 3 * 8 * s.batch * s.heads * s.m, nil
		},
	}
}

func (k part) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{1, 3}, Kernel: op.Both(k, bindPart, bindPart), Device: k.device,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) { return in[1].Clone(), nil },
	}
}

// sides are the sizes of a problem, and where its operands lie.
type sides struct {
	batch, heads, m, n int
	p, e               int    // the numbers of a head in a query, and in a value
	ld                 [3]int // between tokens of Q, K and V
	at                 [3]int // where K and V begin in one input
	scale              float64
}

// sides returns those of the inputs.
func (k Attention) sides(in []tensor.Shape) sides {
	x := in[0]
	s := sides{batch: x[0], heads: k.Heads, m: x[1], n: x[1], scale: k.Scale}
	d := x[2]
	switch k.Form {
	case Separate:
		s.n, s.p, s.e = in[1][1], d/k.Heads, in[2][2]/k.Heads
		s.ld = [3]int{d, d, in[2][2]}
	case Packed:
		s.p, s.ld, s.at = d/3/k.Heads, [3]int{d, d, d}, [3]int{0, d / 3, 2 * d / 3}
		s.e = s.p
	default:
		s.p, s.e, s.ld = d/k.Heads, d/k.Heads, [3]int{d, d, d}
	}
	if s.scale == 0 {
		s.scale = 1 / math.Sqrt(float64(s.p))
	}
	return s
}

// flops counts products of n×m×p.
func (s sides) flops(products int64) int64 {
	return products * 2 * int64(s.batch) * int64(s.heads) * int64(s.m) * int64(s.n) * int64(s.p)
}
