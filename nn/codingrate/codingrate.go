// Package codingrate has the rates of lossy coding as operations on nodes: R(Z) of all
// samples, and Rᶜ of classes. losses.MCR2 is made of them; package coding has them as
// plain functions of matrices.
package codingrate

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/codingrate"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// Rate returns R(Z) = ½ logdet(I + α ZᵀZ), in nats, with α = d/(n ε²).
//
// Shapes: z n×d, one sample a row; out scalar. eps2 is ε², not ε. Differentiable
// in z. Errors: ε² ≤ 0; at the run, features that are not finite
// (op.ErrNotFinite).
// Cost, with s = min(n, d): n·d·s + s³/3 flops forward, 2n·d·s + 2s³/3 for the
// gradient. See package codingrate.
func Rate(z *gorgonia.Node, eps2 float64) (*gorgonia.Node, error) {
	l, err := op.Apply(codingrate.Factor{Eps2: eps2}, z)
	if err != nil {
		return nil, err
	}
	return op.Apply(codingrate.Rate{Eps2: eps2}, z, l)
}

// ClassRate returns Rᶜ(Z, y) = Σⱼ nⱼ/n · ½ logdet(I + αⱼ ZⱼᵀZⱼ), in nats,
// with αⱼ = d/(nⱼ ε²): the rate when each class is coded apart.
//
// Shapes: z n×d, one sample a row; labels n, integers from 0 to classes−1 in z's
// dtype; out scalar. eps2 is ε². A class without samples contributes 0.
// Differentiable in z. Errors: ε² ≤ 0, classes < 1, n labels for other than n
// samples; at the run, a label out of range (op.ErrInput) or features that are not
// finite (op.ErrNotFinite).
// Cost: that of Rate for each class with its own n; see package
// codingrate.
func ClassRate(z, labels *gorgonia.Node, classes int, eps2 float64) (*gorgonia.Node, error) {
	of := codingrate.ClassFactor{Eps2: eps2, Classes: classes}
	l, err := op.Apply(of, z, labels)
	if err != nil {
		return nil, err
	}
	return op.Apply(codingrate.ClassRate{Of: of}, z, labels, l)
}

// SoftClassRate returns Rᶜ(Z, Π) = Σⱼ nⱼ/n · ½ logdet(I + αⱼ Zᵀdiag(πⱼ)Z), in
// nats, with nⱼ = Σᵢ πᵢⱼ and αⱼ = d/(nⱼ ε²): ClassRate for memberships that
// are shared between classes.
//
// Shapes: z n×d, one sample a row; pi n×k, 0 or above, rows summing to 1; out
// scalar. eps2 is ε². Differentiable in z and pi. Errors: as ClassRate; at
// the run, a membership below 0 or not a number (op.ErrInput).
// Cost: k times that of Rate.
func SoftClassRate(z, pi *gorgonia.Node, eps2 float64) (*gorgonia.Node, error) {
	of := codingrate.SoftFactor{Eps2: eps2}
	l, err := op.Apply(of, z, pi)
	if err != nil {
		return nil, err
	}
	return op.Apply(codingrate.SoftRate{Of: of}, z, pi, l)
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
// Shapes: z n×d, out n×d. Differentiable. Errors: ε² ≤ 0 (op.ErrInput).
//
// Reference: Chan et al. ReduNet. JMLR 2022, § 3.2.
func FirstOrderExpansion(z *gorgonia.Node, eps2 float64) (*gorgonia.Node, error) {
	if build.Rank(z) != 2 || !(eps2 > 0) {
		return nil, errors.Wrapf(op.ErrInput, "codingrate: first-order expansion: want z n×d and ε² above 0, ε² is %v",
			eps2)
	}
	n, d := z.Shape()[0], z.Shape()[1]
	alpha := float64(d) / (float64(n) * eps2)
	gram, err := nn.MatMul(z, z, true, false)
	if err != nil {
		return nil, err
	}
	attended, err := nn.MatMul(z, gram, false, false)
	if err != nil {
		return nil, err
	}
	if attended, err = nn.Scale(attended, alpha); err != nil {
		return nil, err
	}
	if attended, err = nn.Sub(z, attended); err != nil {
		return nil, err
	}
	return nn.Scale(attended, alpha)
}
