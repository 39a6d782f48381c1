package simd

import "math"

// AdamParams are the numbers of one step of Adam.
type AdamParams[T Float] struct {
	Beta1, Beta2 T // decay of the moments
	Step         T // 1/(1 − β1ᵗ), or that times a learning rate
	Root         T // 1/√(1 − β2ᵗ)
	Eps          T // ε, outside the root
}

// Adam updates the moments m and v by the gradient g and stores the step u:
//
//	m = β1·m + (1−β1)·g,   v = β2·v + (1−β2)·g²,   u = step·m / (root·√v + ε).
//
// u may be g. Cost: about 10 flops, a root and a division an element, 28 bytes
// an element moved in float32.
func Adam[T Float](u, m, v, g []T, p AdamParams[T]) {
	m, v, g = m[:len(u)], v[:len(u)], g[:len(u)]
	c1, c2 := 1-p.Beta1, 1-p.Beta2
	if k := fast[T](); k != nil && len(u) > 0 {
		k.adam(len(u), &m[0], &v[0], &u[0], &g[0], p.Beta1, c1, p.Beta2, c2, p.Step, p.Root, p.Eps)
		return
	}
	for i, x := range g {
		m[i] = p.Beta1*m[i] + c1*x
		v[i] = p.Beta2*v[i] + c2*x*x
		u[i] = p.Step * m[i] / (T(math.Sqrt(float64(v[i])))*p.Root + p.Eps)
	}
}
