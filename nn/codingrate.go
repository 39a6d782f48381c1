package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/codingrate"
	"github.com/whitebox-nn/whitebox/op"
)

// CodingRate returns R(Z) = ½ logdet(I + α ZᵀZ), in nats, with α = d/(n ε²).
//
// Shapes: z n×d, one sample a row; out scalar. eps2 is ε², not ε. Differentiable
// in z. Errors: ε² ≤ 0; at the run, features that are not finite
// (ErrNotFinite).
// Cost, with s = min(n, d): n·d·s + s³/3 flops forward, 2n·d·s + 2s³/3 for the
// gradient. See package codingrate.
func CodingRate(z *gorgonia.Node, eps2 float64) (*gorgonia.Node, error) {
	l, err := op.Apply(codingrate.Factor{Eps2: eps2}, z)
	if err != nil {
		return nil, err
	}
	return op.Apply(codingrate.Rate{Eps2: eps2}, z, l)
}

// ClassCodingRate returns Rᶜ(Z, y) = Σⱼ nⱼ/n · ½ logdet(I + αⱼ ZⱼᵀZⱼ), in nats,
// with αⱼ = d/(nⱼ ε²): the rate when each class is coded apart.
//
// Shapes: z n×d, one sample a row; labels n, integers from 0 to classes−1 in z's
// dtype; out scalar. eps2 is ε². A class without samples contributes 0.
// Differentiable in z. Errors: ε² ≤ 0, classes < 1, n labels for other than n
// samples; at the run, a label out of range (ErrInput) or features that are not
// finite (ErrNotFinite).
// Cost: that of CodingRate for each class with its own n; see package
// codingrate.
func ClassCodingRate(z, labels *gorgonia.Node, classes int, eps2 float64) (*gorgonia.Node, error) {
	of := codingrate.ClassFactor{Eps2: eps2, Classes: classes}
	l, err := op.Apply(of, z, labels)
	if err != nil {
		return nil, err
	}
	return op.Apply(codingrate.ClassRate{Of: of}, z, labels, l)
}

// SoftClassCodingRate returns Rᶜ(Z, Π) = Σⱼ nⱼ/n · ½ logdet(I + αⱼ Zᵀdiag(πⱼ)Z), in
// nats, with nⱼ = Σᵢ πᵢⱼ and αⱼ = d/(nⱼ ε²): ClassCodingRate for memberships that
// are shared between classes.
//
// Shapes: z n×d, one sample a row; pi n×k, 0 or above, rows summing to 1; out
// scalar. eps2 is ε². Differentiable in z and pi. Errors: as ClassCodingRate; at
// the run, a membership below 0 or not a number (ErrInput).
// Cost: k times that of CodingRate.
func SoftClassCodingRate(z, pi *gorgonia.Node, eps2 float64) (*gorgonia.Node, error) {
	of := codingrate.SoftFactor{Eps2: eps2}
	l, err := op.Apply(of, z, pi)
	if err != nil {
		return nil, err
	}
	return op.Apply(codingrate.SoftRate{Of: of}, z, pi, l)
}
