package sparse

import (
	"github.com/whitebox-nn/whitebox/internal/given"
)

// DerivativeByTau stores the derivative of prox_{τg}(v) by τ in dst, which may be v,
//
//	∂u/∂τ = −J (v − u)/τ,   u = prox_{τg}(v),
//
// where J is the Jacobian of the prox at v, that of Smooth.Derivative. It is what an
// unrolled network learns its thresholds by: −sign(vⱼ) where |vⱼ| > τ for ‖·‖₁, 0
// for the projection onto a set.
//
// Where the prox is differentiable, u moves within a smooth piece of g and solves
// u + τ∇g(u) = v there, so that (I + τ∇²g) ∂u/∂τ = −∇g(u), with ∇g(u) = (v − u)/τ and J =
// (I + τ∇²g)⁻¹. At kinks it is that of Derivative's side. τ > 0 is not checked. Cost: a
// Prox and a Derivative, and a vector.
func DerivativeByTau(g Smooth, dst, v []float64, tau float64) {
	if !fits(dst, len(v), !given.Nil(g)) {
		return
	}
	u := make([]float64, len(v))
	g.Prox(u, v, tau)
	for j, x := range v {
		u[j] = (u[j] - x) / tau
	}
	g.Derivative(dst, v, u, tau)
}
