// Package codingrate is the coding-rate ops.
//
//	R(Z)     = ½ logdet(I + α ZᵀZ)                     α  = d/(n ε²)
//	Rᶜ(Z, y) = Σⱼ nⱼ/n · ½ logdet(I + αⱼ ZⱼᵀZⱼ)         αⱼ = d/(nⱼ ε²)
//	Rᶜ(Z, Π) = Σⱼ nⱼ/n · ½ logdet(I + αⱼ Zᵀdiag(πⱼ)Z)   nⱼ = Σᵢ πᵢⱼ
//
// R is the rate, in nats a sample, to code n samples of d features up to the
// distortion ε² [1]; Rᶜ is the rate when each class is coded apart, for hard
// labels y or soft memberships Π [2]. Samples are rows of Z, so that the Gram
// matrix ZᵀZ is d×d; the papers have them as columns and write ZZᵀ. A class
// without samples contributes 0.
//
// # Method
//
// G = I + αZᵀZ is symmetric positive definite, so with G = LLᵀ, ½ logdet G =
// Σᵢ log Lᵢᵢ: one Cholesky factorization and no overflow of det(G). By the
// commutative property
//
//	logdet(I + α ZᵀZ) = logdet(I + α ZZᵀ)
//
// the smaller of the two Gram matrices is used, of side s = min(n, d), for each
// class apart: 100 classes of 10 samples are 100 matrices of 10×10, not of d×d.
// No n×n membership matrix is ever formed.
//
// The factor is an op of its own (Factor, ClassFactor, SoftFactor), so that it
// is computed once for the value and the gradient, and the graph shows it.
//
// # Gradient
//
// d logdet G = tr(G⁻¹ dG) gives, with E = αG⁻¹ and by push-through for the other
// Gram matrix,
//
//	∂R/∂Z = α Z (I + αZᵀZ)⁻¹ = α (I + αZZᵀ)⁻¹ Z
//
// and, because nⱼ/n · αⱼ = α for every class,
//
//	∂Rᶜ/∂Zⱼ = α Zⱼ (I + αⱼZⱼᵀZⱼ)⁻¹
//	∂Rᶜ/∂Z  = Σⱼ α diag(πⱼ) Z Gⱼ⁻¹
//	∂Rᶜ/∂πᵢⱼ = (1/2n) [ logdet Gⱼ + (d/ε²) zᵢᵀGⱼ⁻¹zᵢ − d + tr Gⱼ⁻¹ ]
//
// where the last counts that nⱼ, and with it αⱼ, changes with πᵢⱼ.
//
// # Numerics
//
// Gram matrices are accumulated and factored in float64 whatever the dtype:
// cond(G) ≤ 1 + α‖Z‖² is often beyond float32. Factors are wide operands. The
// inverses of the gradient are taken in float64 and rounded once, before the
// last product, which has n·d·s of the flops.
//
// # References
//
//  1. Ma, Derksen, Hong, Wright. Segmentation of multivariate mixed data via
//     lossy data coding and compression. PAMI 2007.
//  2. Yu, Chan, You, Song, Ma. Learning diverse and discriminative
//     representations via the principle of maximal coding rate reduction.
//     NeurIPS 2020, eq. 6–8.
package codingrate

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// alpha returns d/(n ε²).
func alpha(n float64, d int, eps2 float64) float64 { return float64(d) / (n * eps2) }

// checkEps2 reports an ε² that no code can have.
func checkEps2(eps2 float64) error {
	if !(eps2 > 0) || eps2 > 1e300 {
		return op.Errorf("coding rate: ε² is %v, want it above 0 and finite", eps2)
	}
	return nil
}

// Factor is the op of the Cholesky factor L of I + α ZᵀZ or I + α ZZᵀ, whichever
// is smaller: input Z (n×d), output s×s, wide, s = min(n, d). Above the diagonal it
// is arbitrary.
type Factor struct {
	Eps2 float64 // ε², above 0
}

// Spec implements op.Op.
func (k Factor) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{2}, WideOut: true, Kernel: op.Both(k, bindFactor, bindFactor),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			s := min(in[0][0], in[0][1])
			return tensor.Shape{s, s}, checkEps2(k.Eps2)
		},
		FLOPs:  func(in []tensor.Shape) int64 { return factorFLOPs(in[0][0], in[0][1]) },
		Device: k.device, DeviceScratch: k.deviceScratch, Explain: notFinite,
	}
}

// factorFLOPs counts half of the Gram matrix and its factorization.
func factorFLOPs(n, d int) int64 {
	s, long := int64(min(n, d)), int64(max(n, d))
	return long*s*s + s*s*s/3
}

// Rate is the op of R: inputs Z (n×d) and its Factor (s×s), output a scalar.
type Rate struct {
	Eps2 float64 // ε², above 0; that of the Factor
}

// Spec implements op.Op.
func (k Rate) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{2, op.Wide(2)}, Wrt: []bool{true, false}, Kernel: op.Both(k, bindRate, bindRate),
		Device: k.device,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if s := min(in[0][0], in[0][1]); in[1][0] != s || in[1][1] != s {
				return nil, op.Errorf("coding rate: z is %v but its factor is %v, want %d×%d", in[0], in[1], s, s)
			}
			return tensor.ScalarShape(), nil
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(rateGrad{k}, in[0], in[1], dout)), nil}
		},
	}
}

// rateGrad is the op of dR · ∂R/∂Z: inputs Z (n×d), its Factor and the scalar dR,
// output n×d.
type rateGrad struct{ Of Rate }

func (k rateGrad) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{2, op.Wide(2), 0}, Kernel: op.Both(k, bindRateGrad, bindRateGrad),
		Workspace: func(in []tensor.Shape) int { return inverseWork(in[0][0], in[0][1]) },
		FLOPs:     func(in []tensor.Shape) int64 { return gradFLOPs(in[0][0], in[0][1]) },
		Device:    k.device, DeviceScratch: k.deviceScratch,
	}
}

// gradFLOPs counts the inverse and the product with it.
func gradFLOPs(n, d int) int64 {
	s := int64(min(n, d))
	return 2*s*s*s/3 + 2*int64(n)*int64(d)*s
}
