// Package redunet is the ops of a ReduNet layer, which takes one step of
// projected gradient ascent on the rate reduction ΔR.
//
//	u₀ᵢ = E zᵢ        uⱼᵢ = Cⱼ zᵢ                           (Maps, SpectralMaps)
//	πᵢⱼ = softmaxⱼ(−λ ‖uⱼᵢ‖)                                (Membership)
//	z⁺ᵢ = zᵢ + η (u₀ᵢ − Σⱼ γⱼ πᵢⱼ uⱼᵢ)                       (Step)
//
// Samples are rows. E expands all features, Cⱼ compresses those of class j. With
// E = α(I + αZᵀZ)⁻¹, Cⱼ = αⱼ(I + αⱼZⱼᵀZⱼ)⁻¹, γⱼ = nⱼ/n and the labels for Π, u₀ is
// ∂R/∂zᵢ and γⱼuⱼᵢ is ∂Rᶜ/∂zᵢ, so that z⁺ = z + η ∂ΔR/∂z [1, eq. 13–15]. For a
// sample without a label Π is estimated: ‖Cⱼz‖ is small where z lies near the
// subspace of class j [1, eq. 18].
//
// A translation-invariant layer is the same layer at each frequency of the
// channels' discrete Fourier transform, with complex E and Cⱼ of C×C [1, thm. 4
// and 6]: a circular convolution of all channels. Its z is f×n×2C: frequencies
// first, so that each is a matrix of samples; the real parts of all channels,
// then the imaginary ones. Norms are over all frequencies.
//
// # Method
//
// Maps is one product with E and one with all Cⱼ stacked. SpectralMaps writes a
// complex matrix A + iB as the real one [A −B; B A], and takes one product a
// frequency, in parallel over frequencies: 2n·(2C)²(k+1)·f flops.
//
// # Gradient
//
// With D = ∂L/∂z⁺, hᵢⱼ = ⟨Dᵢ, uⱼᵢ⟩ and sᵢⱼ = ‖uⱼᵢ‖,
//
//	∂L/∂z = D     ∂L/∂u₀ = ηD     ∂L/∂uⱼᵢ = −η γⱼ πᵢⱼ Dᵢ
//	∂L/∂πᵢⱼ = −η γⱼ hᵢⱼ            ∂L/∂γⱼ = −η Σᵢ πᵢⱼ hᵢⱼ
//
// of Step, and with P = ∂L/∂Π, of Membership,
//
//	∂L/∂uⱼᵢ = −λ πᵢⱼ (Pᵢⱼ − Σₗ πᵢₗ Pᵢₗ) uⱼᵢ / sᵢⱼ
//
// taken as 0 where sᵢⱼ = 0. Hard memberships are piecewise constant: their
// gradient is 0, and they are not differentiable in u.
//
// # Numerics
//
// Norms are summed in the graph's dtype, in an order that depends on the shapes
// alone. The softmax subtracts the least norm of a sample first.
//
// # References
//
//  1. Chan, Yu, You, Qi, Wright, Ma. ReduNet: a white-box deep network from the
//     principle of maximizing rate reduction. JMLR 2022.
package redunet

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Step is the op of z⁺: inputs z (…×n×d), u (…×n×(k+1)×d), Π (n×k) and γ (k),
// output as z.
type Step struct {
	Eta float64 // η
}

// Spec implements op.Op.
func (k Step) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, op.Any, 2, 1},
		Kernel: op.Both(k, bindStep, bindStep),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			du := op.Must(op.Apply(stepGradU{k}, dout, in[1], in[2], in[3]))
			h := op.Must(op.Apply(inner{}, dout, in[1]))
			dpi := op.Must(op.Apply(stepGradPi(k), h, in[3]))
			return gorgonia.Nodes{dout, du, dpi, op.Must(op.Apply(stepGradGamma(k), h, in[2]))}
		},
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[1].TotalSize()) },
		Device: k.device,
	}
}

func (k Step) shape(in []tensor.Shape) (tensor.Shape, error) {
	g, err := geometryOf(in[0], in[1])
	if err != nil {
		return nil, err
	}
	n, classes := g.n, g.k
	if in[2][0] != n || in[2][1] != classes || in[3][0] != classes {
		return nil, op.Errorf("redunet: step: %d samples and %d classes, but memberships are %v and γ is %v", n,
			classes, in[2], in[3])
	}
	if e := k.Eta; e-e != 0 {
		return nil, op.Errorf("redunet: step: η is %v, want a finite number", e)
	}
	return in[0].Clone(), nil
}

// stepGradU is the op of ∂L/∂u: inputs D (as z), u, Π and γ, output as u. Of u
// it reads the shape only.
type stepGradU struct{ Of Step }

func (k stepGradU) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, op.Any, 2, 1},
		Kernel: op.Both(k, bindStepGradU, bindStepGradU),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return in[1].Clone(), nil },
		Device: k.device,
	}
}

// inner is the op of hᵢⱼ = ⟨Dᵢ, uⱼᵢ⟩, j from 1: inputs D (…×n×d) and u
// (…×n×(k+1)×d), output n×k.
type inner struct{}

func (k inner) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, op.Any},
		Kernel: op.Both(k, bindInner, bindInner),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			g, err := geometryOf(in[0], in[1])
			return tensor.Shape{g.n, g.k}, err
		},
		Device: k.device,
	}
}

// stepGradPi is the op of ∂L/∂Π: inputs h (n×k) and γ (k), output n×k.
type stepGradPi struct{ Eta float64 }

func (k stepGradPi) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 1},
		Kernel: op.Both(k, bindStepGradPi, bindStepGradPi),
		Device: k.device,
	}
}

// stepGradGamma is the op of ∂L/∂γ: inputs h and Π (n×k), output k.
type stepGradGamma struct{ Eta float64 }

func (k stepGradGamma) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindStepGradGamma, bindStepGradGamma),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1]}, nil },
		Device: k.device,
	}
}

// A geometry is how z and u lie: blocks (frequencies) of n samples of d numbers,
// and of n samples of k+1 times d.
type geometry struct{ blocks, n, k, d int }

// geometryOf returns it, or an error if z and u do not belong together.
func geometryOf(z, u tensor.Shape) (geometry, error) {
	rank := len(z)
	if rank != 2 && rank != 3 {
		return geometry{}, op.Errorf("redunet: features of rank %d, want n×d or f×n×d", rank)
	}
	if len(u) != rank+1 {
		return geometry{}, op.Errorf("redunet: z is %v and u %v, want u of one more axis", z, u)
	}
	g := geometry{1, z[rank-2], u[rank-1] - 1, z[rank-1]}
	if rank == 3 {
		g.blocks = z[0]
	}
	if u[rank-2] != g.n || u[rank] != g.d || rank == 3 && u[0] != g.blocks || g.k < 1 {
		return g, op.Errorf("redunet: features are %v but their maps are %v, want …×n×(k+1)×d of the same sizes, k ≥ 1",
			z, u)
	}
	return g, nil
}
