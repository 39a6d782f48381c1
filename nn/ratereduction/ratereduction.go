// Package ratereduction has the operations of one layer of a ReduNet: the maps of samples, their
// memberships in classes, the step along the maps. layers.ReduNet is made of them; the
// package redunet of the module constructs whole networks.
package ratereduction

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// Maps returns the directions that a ReduNet layer can move samples in: E z,
// which expands, and Cⱼ z for each class j, which compresses it.
//
//	uᵢ₀ = E zᵢ        uᵢⱼ = Cⱼ zᵢ,  j = 1, …, k
//
// Shapes: z n×d, e d×d, c k×d×d, out n×(k+1)×d. Of spectra (see spectral.Transform), z f×n×2C,
// e f×2×C×C and c k×f×2×C×C, complex matrices with their real part first, out
// f×n×(k+1)×2C. Differentiable in all. Errors: shapes that do not fit (op.ErrInput).
// Cost: 2nd²(k+1) flops, or 8nfC²(k+1), twice that for the gradients. See package
// redunet.
func Maps(z, e, c *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(z) == 3 {
		return op.Apply(redunet.SpectralMaps{}, z, e, c)
	}
	return op.Apply(redunet.Maps{}, z, e, c)
}

// FactoredMaps is Maps for Cⱼ = αⱼ(I − BⱼᵀBⱼ), the form that the Cⱼ of a class with fewer samples than features has.
// The Cⱼ themselves are never computed.
//
// Shapes: z n×d, e d×d, b r×d, the Bⱼ one below the other, rows[j] rows each, alpha k,
// out n×(k+1)×d. Differentiable in all; α must not be 0. Errors: shapes that do not
// fit (op.ErrInput). Cost: 2nd² + 4ndr flops.
func FactoredMaps(z, e, b, alpha *gorgonia.Node, rows []int) (*gorgonia.Node, error) {
	w, err := nn.Linear(z, b, nil)
	if err != nil {
		return nil, err
	}
	return op.Apply(redunet.FactoredMaps{Rows: redunet.JoinRows(rows)}, z, w, e, b, alpha)
}

// Membership estimates how much of each sample is in each class from the
// maps u of Maps:
//
//	πᵢⱼ = softmaxⱼ(−λ ‖uᵢⱼ‖₂),  j = 1, …, k
//
// because Cⱼ z is short where z is near the subspace of class j. Norms are over all numbers of a sample, frequencies
// too.
//
// Shapes: u n×(k+1)×d or f×n×(k+1)×d; out n×k, rows that sum to 1. Differentiable;
// 0 by a map of length 0. Errors: λ below 0 (op.ErrInput).
//
// Reference: Chan et al. ReduNet. JMLR 2022, eq. 18.
func Membership(u *gorgonia.Node, lambda float64) (*gorgonia.Node, error) {
	return membership(u, redunet.Membership{Lambda: lambda})
}

// HardMembership is Membership for λ = ∞: 1 for the class with the
// shortest uᵢⱼ, the first of equal ones, and 0 for the others. It is not
// differentiable.
func HardMembership(u *gorgonia.Node) (*gorgonia.Node, error) {
	return membership(u, redunet.Membership{Hard: true})
}

func membership(u *gorgonia.Node, k redunet.Membership) (*gorgonia.Node, error) {
	if r := build.Rank(u); r != 3 && r != 4 {
		return nil, errors.Wrap(op.ErrInput, "ratereduction: membership: want maps n×(k+1)×d or f×n×(k+1)×d")
	}
	return op.Apply(k, u)
}

// Step moves samples along the maps u:
//
//	z⁺ᵢ = zᵢ + η (uᵢ₀ − Σⱼ γⱼ πᵢⱼ uᵢⱼ)
//
// With the layer that z itself makes and its labels for Π, it is z + η ∂ΔR/∂z.
//
// Shapes: z n×d, u n×(k+1)×d, or z f×n×d, u f×n×(k+1)×d; pi n×k, gamma k; out as z.
// Differentiable in all. Errors: shapes that do not fit (op.ErrInput). Bound by
// memory: u is read once.
func Step(z, u, pi, gamma *gorgonia.Node, eta float64) (*gorgonia.Node, error) {
	if build.Rank(z) < 0 {
		return nil, errors.Wrap(op.ErrInput, "ratereduction: step of no node")
	}
	return op.Apply(redunet.Step{Eta: eta}, z, u, pi, gamma)
}

// Move is a whole layer in one op: [Maps], [Membership], [Step] and nn.Normalize or spectral.Normalize. It is faster
// because it computes and keeps less, and it has no gradient.
//
//	zᵢ ← zᵢ + η (E zᵢ − Σⱼ γⱼπᵢⱼ Cⱼ zᵢ),  then onto the unit sphere
//
// It computes only the maps whose membership is not 0; for vectors, also a quarter of each other map, which is enough
// to decide that its membership is 0. Shapes: z n×d, e d×d, c k×d×d, gamma k, out n×d, or z f×n×2C, e f×2×C×C, c
// k×f×2×C×C, out f×n×2C. Errors: shapes that do not fit, λ below 0, and of a run a sample that moves to 0
// (op.ErrInput) or to what is not finite (op.ErrNotFinite). On a device it computes and keeps all maps.
func Move(z, e, c, gamma *gorgonia.Node, eta, lambda float64) (*gorgonia.Node, error) {
	if r := build.Rank(z); r != 2 && r != 3 {
		return nil, errors.Wrap(op.ErrInput, "ratereduction: move: want features n×d or f×n×2C")
	}
	return op.Apply(redunet.Move{Eta: eta, Lambda: lambda}, z, e, c, gamma)
}
