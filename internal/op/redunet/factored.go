package redunet

import (
	"strconv"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// FactoredMaps is the op of u where each Cⱼ is a multiple of the identity less a
// matrix of low rank, as it is for a class of nⱼ < d samples by Woodbury's identity:
//
//	Cⱼ = αⱼ (I − BⱼᵀBⱼ)        Bⱼ = L⁻¹Zⱼ,  LLᵀ = I/αⱼ + ZⱼZⱼᵀ
//
// inputs z (n×d), w = zBᵀ (n×r), E (d×d), B (r×d), the Bⱼ one below the other, and α
// (k), output n×(k+1)×d. With w it takes 4ndr flops for all classes, where Maps
// takes 2nd²k. Not every α may be 0 in the gradient by α.
type FactoredMaps struct {
	Rows string // of each Bⱼ, with commas between; see JoinRows
}

// JoinRows returns rows as FactoredMaps wants them.
func JoinRows(rows []int) string {
	words := make([]string, len(rows))
	for j, r := range rows {
		words[j] = strconv.Itoa(r)
	}
	return strings.Join(words, ",")
}

// starts returns where the rows of each class begin, and r.
func (k FactoredMaps) starts() ([]int, error) {
	at := []int{0}
	for j, word := range strings.Split(k.Rows, ",") {
		r, err := strconv.Atoi(word)
		if err != nil || r < 1 {
			return nil, op.Errorf("redunet: factored maps: class %d has %q rows, want at least 1", j, word)
		}
		at = append(at, at[j]+r)
	}
	return at, nil
}

// Spec implements op.Op.
func (k FactoredMaps) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, 2, 2, 1},
		Kernel: op.Both(k, bindFactored, bindFactored),
		Shape:  k.shape,
		Grad:   k.grad,
		FLOPs: func(in []tensor.Shape) int64 {
			return 2 * int64(in[0][0]) * int64(in[2].TotalSize()+
				in[3].TotalSize())
		},
		Device: k.device,
	}
}

func (k FactoredMaps) shape(in []tensor.Shape) (tensor.Shape, error) {
	starts, err := k.starts()
	if err != nil {
		return nil, err
	}
	z, w, e, b, alpha := in[0], in[1], in[2], in[3], in[4]
	classes := len(starts) - 1
	d, r := z[1], starts[classes]
	if !w.Eq(tensor.Shape{z[0], r}) || !e.Eq(tensor.Shape{d, d}) || !b.Eq(tensor.Shape{r, d}) || alpha[0] != classes {
		return nil, op.Errorf("redunet: factored maps: z is %v and the rows are %s, but w is %v, E %v, B %v and α %v",
			z, k.Rows, w, e, b, alpha)
	}
	return tensor.Shape{z[0], classes + 1, d}, nil
}

func (k FactoredMaps) grad(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
	z, w, e, b, alpha := in[0], in[1], in[2], in[3], in[4]
	return gorgonia.Nodes{
		op.Must(op.Apply(factoredGradZ{}, dout, e, alpha)),
		op.Must(op.Apply(factoredGradW{k}, dout, b, alpha)),
		op.Must(op.Apply(mapsGradE{}, dout, z)),
		op.Must(op.Apply(factoredGradB{k}, dout, w, alpha)),
		op.Must(op.Apply(factoredGradAlpha{}, dout, out, alpha)),
	}
}

// factoredGradZ is the op of ∂L/∂z with w fixed: inputs ∂L/∂u, E and α, output
// n×d.
type factoredGradZ struct{}

func (k factoredGradZ) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 2, 1},
		Kernel: op.Both(k, bindFactoredGradZ, bindFactoredGradZ),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0], in[0][2]}, nil },
		Device: k.device,
	}
}

// factoredGradW is the op of ∂L/∂w: inputs ∂L/∂u, B and α, output n×r.
type factoredGradW struct{ Of FactoredMaps }

func (k factoredGradW) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 2, 1},
		Kernel: op.Both(k, bindFactoredGradW, bindFactoredGradW),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0], in[1][0]}, nil },
		Device: k.device,
	}
}

// factoredGradB is the op of ∂L/∂B with w fixed: inputs ∂L/∂u, w and α, output
// r×d.
type factoredGradB struct{ Of FactoredMaps }

func (k factoredGradB) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 2, 1},
		Kernel: op.Both(k, bindFactoredGradB, bindFactoredGradB),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[1][1], in[0][2]}, nil },
		Device: k.device,
	}
}

// factoredGradAlpha is the op of ∂L/∂αⱼ = Σᵢ ⟨∂L/∂uⱼᵢ, uⱼᵢ⟩/αⱼ: inputs ∂L/∂u, u and
// α, output k.
type factoredGradAlpha struct{}

func (k factoredGradAlpha) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{3, 3, 1},
		Kernel: op.Both(k, bindFactoredGradAlpha, bindFactoredGradAlpha),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Device: k.device,
	}
}
