package simd

import "math"

// SGD are the factors of one step of descent with momentum.
type SGD[T Float] struct {
	Keep, Add   T // m ← Keep·m + Add·g
	Grad, Trace T // the direction is Grad·g + Trace·m
	LR, L2      T // the rate; λ of the penalty ½λ‖p‖²
}

// SGDStep moves the parameters p and their momentum m by the gradient g:
//
//	g = g + L2·p,   m = Keep·m + Add·g,   p = p − LR·(Grad·g + Trace·m).
//
// Cost: 10 flops an element; 20 bytes an element moved in float32, which limit it.
func SGDStep[T Float](p, m, g []T, c SGD[T]) {
	m, g = m[:len(p)], g[:len(p)]
	if k := fast[T](); k != nil && len(p) > 0 {
		k.sgd(len(p), &p[0], &m[0], &g[0], c.Keep, c.Add, c.Grad, c.Trace, c.LR, c.L2)
		return
	}
	for i, x := range p {
		d := g[i] + c.L2*x
		m[i] = c.Keep*m[i] + c.Add*d
		p[i] = x - c.LR*(c.Grad*d+c.Trace*m[i])
	}
}

// Adam are the factors of one step of Adam, the t-th.
type Adam[T Float] struct {
	W1, B2, W2 T // 1 − β₁, β₂, 1 − β₂
	Root, Eps  T // 1/√(1 − β₂ᵗ); ε, outside the root
	LR, L2     T // the rate, with 1/(1 − β₁ᵗ); λ of the penalty ½λ‖p‖²
	Decay      T // what is kept of p: 1, or 1 − rate·λ of a decoupled decay
}

// AdamStep moves the parameters p and their moments m and v by the gradient g:
//
//	g = g + L2·p,   m += W1·(g − m),   v = B2·v + W2·g²,   p = Decay·p − LR·m/(Root·√v + Eps).
//
// Cost: about 15 flops, a root and a division an element; 28 bytes an element
// moved in float32.
func AdamStep[T Float](p, m, v, g []T, c Adam[T]) {
	m, v, g = m[:len(p)], v[:len(p)], g[:len(p)]
	if k := fast[T](); k != nil && len(p) > 0 {
		k.adam(len(p), &p[0], &m[0], &v[0], &g[0], c.W1, c.B2, c.W2, c.Root, c.Eps, c.LR, c.L2, c.Decay)
		return
	}
	for i, x := range p {
		d := g[i] + c.L2*x
		m[i] += c.W1 * (d - m[i])
		v[i] = c.B2*v[i] + c.W2*d*d
		p[i] = c.Decay*x - c.LR*(m[i]/(T(math.Sqrt(float64(v[i])))*c.Root+c.Eps))
	}
}

// ProximalStep is the step of a proximal gradient method on ‖·‖₁, from a gradient v:
//
//	v = S_θ(a·z + b·v + c·last)
//
// with the soft threshold S, see SoftThreshold: z and last are the two last iterates.
//
// Cost: 7 flops an element, and three numbers read and one written, which limit it.
func ProximalStep[T Float](v, z, last []T, a, b, c, theta T) {
	z, last = z[:len(v)], last[:len(v)]
	if k := fast[T](); k != nil && len(v) > 0 {
		k.proximal(len(v), &v[0], &z[0], &last[0], a, b, c, theta)
		return
	}
	for i, g := range v {
		switch x := a*z[i] + b*g + c*last[i]; {
		case x > theta:
			v[i] = x - theta
		case x < -theta:
			v[i] = x + theta
		default:
			v[i] = 0 * x
		}
	}
}
