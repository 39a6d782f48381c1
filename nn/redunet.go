package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op"
)

// ReduNetMaps returns the directions that a ReduNet layer can move samples in: E z,
// which expands, and Cⱼ z for each class j, which compresses it.
//
//	uᵢ₀ = E zᵢ        uᵢⱼ = Cⱼ zᵢ,  j = 1, …, k
//
// Shapes: z n×d, e d×d, c k×d×d, out n×(k+1)×d. Of spectra (see Spectrum), z f×n×2C,
// e f×2×C×C and c k×f×2×C×C, complex matrices with their real part first, out
// f×n×(k+1)×2C. Differentiable in all. Errors: shapes that do not fit (ErrInput).
// Cost: 2nd²(k+1) flops, or 8nfC²(k+1), twice that for the gradients. See package
// redunet.
func ReduNetMaps(z, e, c *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(z) == 3 {
		return op.Apply(redunet.SpectralMaps{}, z, e, c)
	}
	return op.Apply(redunet.Maps{}, z, e, c)
}

// ReduNetFactoredMaps is ReduNetMaps for Cⱼ = αⱼ(I − BⱼᵀBⱼ), which those of classes
// with fewer samples than features are, without forming them.
//
// Shapes: z n×d, e d×d, b r×d, the Bⱼ one below the other, rows[j] rows each, alpha k,
// out n×(k+1)×d. Differentiable in all; α must not be 0. Errors: shapes that do not
// fit (ErrInput). Cost: 2nd² + 4ndr flops.
func ReduNetFactoredMaps(z, e, b, alpha *gorgonia.Node, rows []int) (*gorgonia.Node, error) {
	w, err := Linear(z, b, nil)
	if err != nil {
		return nil, err
	}
	return op.Apply(redunet.FactoredMaps{Rows: redunet.JoinRows(rows)}, z, w, e, b, alpha)
}

// ReduNetMembership estimates how much of each sample is in each class from the
// maps u of ReduNetMaps:
//
//	πᵢⱼ = softmaxⱼ(−λ ‖uᵢⱼ‖₂),  j = 1, …, k
//
// for Cⱼ z is short where z lies near the subspace of class j. Norms are over all
// numbers of a sample, frequencies too.
//
// Shapes: u n×(k+1)×d or f×n×(k+1)×d; out n×k, rows that sum to 1. Differentiable;
// 0 by a map of length 0. Errors: λ below 0 (ErrInput).
//
// Reference: Chan et al. ReduNet. JMLR 2022, eq. 18.
func ReduNetMembership(u *gorgonia.Node, lambda float64) (*gorgonia.Node, error) {
	return membership(u, redunet.Membership{Lambda: lambda})
}

// ReduNetHardMembership is ReduNetMembership for λ = ∞: 1 for the class with the
// shortest uᵢⱼ, the first of equal ones, and 0 for the others. It is not
// differentiable.
func ReduNetHardMembership(u *gorgonia.Node) (*gorgonia.Node, error) {
	return membership(u, redunet.Membership{Hard: true})
}

func membership(u *gorgonia.Node, k redunet.Membership) (*gorgonia.Node, error) {
	if r := build.Rank(u); r != 3 && r != 4 {
		return nil, errors.Wrap(ErrInput, "nn: ReduNet membership: want maps n×(k+1)×d or f×n×(k+1)×d")
	}
	k.Rank = u.Dims()
	return op.Apply(k, u)
}

// ReduNetStep moves samples along the maps u:
//
//	z⁺ᵢ = zᵢ + η (uᵢ₀ − Σⱼ γⱼ πᵢⱼ uᵢⱼ)
//
// With the layer that z itself makes and its labels for Π, it is z + η ∂ΔR/∂z.
//
// Shapes: z n×d, u n×(k+1)×d, or z f×n×d, u f×n×(k+1)×d; pi n×k, gamma k; out as z.
// Differentiable in all. Errors: shapes that do not fit (ErrInput). Bound by
// memory: u is read once.
func ReduNetStep(z, u, pi, gamma *gorgonia.Node, eta float64) (*gorgonia.Node, error) {
	if build.Rank(z) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: ReduNet step of no node")
	}
	return op.Apply(redunet.Step{Rank: z.Dims(), Eta: eta}, z, u, pi, gamma)
}

// ReduNetMove is a whole layer: ReduNetMaps, ReduNetMembership, ReduNetStep and
// Normalize, or NormalizeSpectrum, in one, which is faster by what it need not compute
// or keep, and has no gradient.
//
//	zᵢ ← zᵢ + η (E zᵢ − Σⱼ γⱼπᵢⱼ Cⱼ zᵢ),  then onto the unit sphere
//
// Of the maps it computes those whose membership is not 0, and for vectors, of the
// others, a quarter: enough to tell. Shapes: z n×d, e d×d, c k×d×d, gamma k, out n×d, or
// z f×n×2C, e f×2×C×C, c k×f×2×C×C, out f×n×2C. Errors: shapes that do not fit,
// λ below 0, and of a run a sample that moves to 0 (ErrInput) or to what is not finite
// (ErrNotFinite). On a device it computes and keeps all maps.
func ReduNetMove(z, e, c, gamma *gorgonia.Node, eta, lambda float64) (*gorgonia.Node, error) {
	if r := build.Rank(z); r != 2 && r != 3 {
		return nil, errors.Wrap(ErrInput, "nn: ReduNet move: want features n×d or f×n×2C")
	}
	return op.Apply(redunet.Move{Eta: eta, Lambda: lambda, Rank: z.Dims()}, z, e, c, gamma)
}

// FirstOrderExpansion returns the first-order form of the direction that
// increases R, which reads as an attention of the samples to each other:
//
//	α (Z − α Z ZᵀZ) ≈ α Z (I + α ZᵀZ)⁻¹ = ∂R/∂Z,  α = d/(n ε²)
//
// With the largest singular value σ of Z and x = ασ², the error in the direction
// of each singular vector is at most x²/(1+x) of α times that part of Z: it is
// small where x ≪ 1, and for x > 1 it exceeds what it approximates.
//
// Shapes: z n×d, out n×d. Differentiable. Errors: ε² ≤ 0 (ErrInput).
//
// Reference: Chan et al. ReduNet. JMLR 2022, § 3.2.
func FirstOrderExpansion(z *gorgonia.Node, eps2 float64) (*gorgonia.Node, error) {
	if build.Rank(z) != 2 || !(eps2 > 0) {
		return nil, errors.Wrapf(ErrInput, "nn: first-order expansion: want z n×d and ε² above 0, ε² is %v", eps2)
	}
	n, d := z.Shape()[0], z.Shape()[1]
	alpha := float64(d) / (float64(n) * eps2)
	gram, err := MatMul(z, z, true, false)
	if err != nil {
		return nil, err
	}
	attended, err := MatMul(z, gram, false, false)
	if err != nil {
		return nil, err
	}
	if attended, err = Scale(attended, alpha); err != nil {
		return nil, err
	}
	if attended, err = Sub(z, attended); err != nil {
		return nil, err
	}
	return Scale(attended, alpha)
}
