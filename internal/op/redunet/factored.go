package redunet

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// FactoredMaps is the kernel of u where each Cⱼ is a multiple of the identity less a
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

var _ opkit.Differentiable = FactoredMaps{}

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
			return nil, errors.Wrapf(opkit.ErrInput, "redunet: factored maps: class %d has %q rows, want at least 1", j, word)
		}
		at = append(at, at[j]+r)
	}
	return at, nil
}

func (FactoredMaps) Ranks() (in []int, out int) { return []int{2, 2, 2, 2, 1}, 3 }
func (FactoredMaps) Wrt() []bool                { return []bool{true, true, true, true, true} }

func (k FactoredMaps) Shape(in []tensor.Shape) (tensor.Shape, error) {
	starts, err := k.starts()
	if err != nil {
		return nil, err
	}
	z, w, e, b, alpha := in[0], in[1], in[2], in[3], in[4]
	classes := len(starts) - 1
	d, r := z[1], starts[classes]
	if !w.Eq(tensor.Shape{z[0], r}) || !e.Eq(tensor.Shape{d, d}) || !b.Eq(tensor.Shape{r, d}) || alpha[0] != classes {
		return nil, errors.Wrapf(opkit.ErrInput, "redunet: factored maps: z is %v and the rows are %s, but w is %v, E %v, B %v and α %v", z, k.Rows, w, e, b, alpha)
	}
	return tensor.Shape{z[0], classes + 1, d}, nil
}

func (FactoredMaps) FLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[2].TotalSize()+in[3].TotalSize())
}
func (k FactoredMaps) Bind32(a *opkit.Args[float32]) opkit.Run { return bindFactored(k, a) }
func (k FactoredMaps) Bind64(a *opkit.Args[float64]) opkit.Run { return bindFactored(k, a) }

func (k FactoredMaps) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	z, w, e, b, alpha := in[0], in[1], in[2], in[3], in[4]
	var grads gorgonia.Nodes
	for _, g := range []struct {
		kernel opkit.Kernel
		in     gorgonia.Nodes
	}{
		{factoredGradZ{}, gorgonia.Nodes{dout, e, alpha}},
		{factoredGradW{k}, gorgonia.Nodes{dout, b, alpha}},
		{mapsGradE{}, gorgonia.Nodes{dout, z}},
		{factoredGradB{k}, gorgonia.Nodes{dout, w, alpha}},
		{factoredGradAlpha{}, gorgonia.Nodes{dout, out, alpha}},
	} {
		d, err := opkit.Apply(g.kernel, g.in...)
		if err != nil {
			return nil, err
		}
		grads = append(grads, d)
	}
	return grads, nil
}

// factoredGradZ is the kernel of ∂L/∂z with w fixed: inputs ∂L/∂u, E and α, output
// n×d.
type factoredGradZ struct{}

func (factoredGradZ) Ranks() (in []int, out int) { return []int{3, 2, 1}, 2 }
func (factoredGradZ) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], in[0][2]}, nil
}
func (k factoredGradZ) Bind32(a *opkit.Args[float32]) opkit.Run { return bindFactoredGradZ(a) }
func (k factoredGradZ) Bind64(a *opkit.Args[float64]) opkit.Run { return bindFactoredGradZ(a) }

// factoredGradW is the kernel of ∂L/∂w: inputs ∂L/∂u, B and α, output n×r.
type factoredGradW struct{ Of FactoredMaps }

func (factoredGradW) Ranks() (in []int, out int) { return []int{3, 2, 1}, 2 }
func (factoredGradW) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], in[1][0]}, nil
}
func (k factoredGradW) Bind32(a *opkit.Args[float32]) opkit.Run { return bindFactoredGradW(k.Of, a) }
func (k factoredGradW) Bind64(a *opkit.Args[float64]) opkit.Run { return bindFactoredGradW(k.Of, a) }

// factoredGradB is the kernel of ∂L/∂B with w fixed: inputs ∂L/∂u, w and α, output
// r×d.
type factoredGradB struct{ Of FactoredMaps }

func (factoredGradB) Ranks() (in []int, out int) { return []int{3, 2, 1}, 2 }
func (factoredGradB) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[1][1], in[0][2]}, nil
}
func (k factoredGradB) Bind32(a *opkit.Args[float32]) opkit.Run { return bindFactoredGradB(k.Of, a) }
func (k factoredGradB) Bind64(a *opkit.Args[float64]) opkit.Run { return bindFactoredGradB(k.Of, a) }

// factoredGradAlpha is the kernel of ∂L/∂αⱼ = Σᵢ ⟨∂L/∂uⱼᵢ, uⱼᵢ⟩/αⱼ: inputs ∂L/∂u, u and
// α, output k.
type factoredGradAlpha struct{}

func (factoredGradAlpha) Ranks() (in []int, out int)                    { return []int{3, 3, 1}, 1 }
func (factoredGradAlpha) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }
func (k factoredGradAlpha) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindFactoredGradAlpha(a) }
func (k factoredGradAlpha) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindFactoredGradAlpha(a) }
